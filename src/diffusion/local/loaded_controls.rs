//! Which control networks are held in memory.

use std::path::PathBuf;
use std::sync::Arc;

use super::file_stamp::FileStamp;
use super::loaded_model::WantedModel;
use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::adapter::AdapterFile;
use crate::diffusion::files::control::ControlFile;
use crate::diffusion::files::lora::Lora;
use crate::diffusion::files::part::{Findings, PartReader};
use crate::diffusion::memory;
use crate::diffusion::model::Model;
use crate::diffusion::model_files::{ModelFiles, Numbers};
use crate::diffusion::networks::adapter::{AdapterConfig, T2iAdapter};
use crate::diffusion::networks::control_network::ControlNetwork;
use crate::diffusion::networks::controlnet::{ControlNet, ControlNetConfig};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::vae::DIFFUSERS;
use crate::diffusion::watch::Watch;
use crate::engine::{ControlSettings, Error, ModelChoice, Runtime, is_bare_name};
use crate::kernels::memory::release;

/// The control networks that the latest request with controls used.
#[derive(Default)]
pub(super) struct ControlSlot(Vec<LoadedControl>);

struct LoadedControl {
    key: ControlKey,
    network: Arc<ControlNetwork>,
    /// Bytes of this machine's memory.
    memory: u64,
}

/// What a loaded network depends on.
#[derive(Clone, Debug, PartialEq)]
struct ControlKey {
    path: PathBuf,
    stamp: FileStamp,
    unet: Arc<UNetConfig>,
    /// The model whose UNet a control LoRA changes, with its files and its LoRAs.
    base: Option<(WantedModel, FileStamp)>,
}

impl ControlSlot {
    /// Bytes of this machine's memory that the networks hold.
    pub fn memory(&self) -> u64 {
        self.0.iter().map(|loaded| loaded.memory).sum()
    }

    /// The networks of these controls in their order, `None` for those that are not run, loaded as far as they are not.
    /// `wanted` is what `model` was loaded as.
    ///
    /// # Errors
    /// Files that are missing, damaged or for another model, too little memory, or [`Error::Cancelled`].
    pub fn get(
        &mut self,
        controls: &[ControlSettings],
        (model, wanted): (&Model, &WantedModel),
        runtime: &Runtime,
        watch: &Watch,
    ) -> Result<Vec<Option<Arc<ControlNetwork>>>, Error> {
        let mut kept = Vec::new();
        let mut networks = Vec::new();
        let mut before = std::mem::take(&mut self.0);
        for control in controls {
            if !control.is_run() {
                networks.push(None);
                continue;
            }
            let next = NextControl::open(control, model, wanted)?;
            let at = before.iter().position(|loaded| loaded.key == next.key);
            let again = kept.iter().find(|loaded: &&LoadedControl| loaded.key == next.key);
            let loaded = match (at, again) {
                (Some(at), _) => before.remove(at),
                (None, Some(again)) => {
                    networks.push(Some(Arc::clone(&again.network)));
                    continue;
                }
                (None, None) => {
                    // What this request does not use makes room.
                    if !before.is_empty() && !is_wanted(&before, controls) {
                        before.clear();
                        release();
                    }
                    next.load(&model.device, runtime, watch)?
                }
            };
            networks.push(Some(Arc::clone(&loaded.network)));
            kept.push(loaded);
        }
        // A request without controls leaves them for the next one.
        self.0 = if kept.is_empty() { before } else { kept };
        release();
        Ok(networks)
    }

    /// Frees all networks unless so many bytes are free.
    pub fn make_room(&mut self, need: u64) {
        if self.0.is_empty() {
            return;
        }
        let free = memory::free();
        if free > 0 && free < need {
            self.0.clear();
            release();
        }
    }
}

/// Whether any of the loaded networks is that of one of these controls.
fn is_wanted(loaded: &[LoadedControl], controls: &[ControlSettings]) -> bool {
    loaded.iter().any(|loaded| controls.iter().any(|control| control.model == loaded.key.path))
}

/// A network whose file is open and checked.
struct NextControl {
    key: ControlKey,
    file: NextFile,
}

/// The file of a network, with what shapes it.
enum NextFile {
    Net(Box<ControlFile>, Box<ControlNetConfig>),
    Adapter(Box<AdapterFile>, AdapterConfig),
}

impl NextControl {
    fn open(control: &ControlSettings, model: &Model, wanted: &WantedModel) -> Result<Self, Error> {
        let path = control.model.clone();
        if is_bare_name(&path) && !path.exists() {
            return Err(Error::File(format!(
                "The ControlNet {} is not known here. Choose its file, or take the control away.",
                path.display()
            )));
        }
        let stamp = FileStamp::of(&ModelChoice::Path(path.clone()));
        if let Some(file) = AdapterFile::open(&path)? {
            let config = AdapterConfig::new(&path, &file.shapes(), &model.unet_config, model.vae.factor)?;
            let key = ControlKey { path, stamp, unet: Arc::clone(&model.unet_config), base: None };
            return Ok(Self { key, file: NextFile::Adapter(Box::new(file), config) });
        }
        let file = ControlFile::open(&path)?;
        let config = ControlNetConfig::new(&file, &model.unet_config, model.vae.factor)?;
        let base = file.is_lora().then(|| {
            // The UNet is the same with any VAE.
            let wanted = WantedModel { vae: None, ..wanted.clone() };
            let stamp = FileStamp::of(&wanted.choice);
            (wanted, stamp)
        });
        let key = ControlKey { path, stamp, unet: Arc::clone(&model.unet_config), base };
        Ok(Self { key, file: NextFile::Net(Box::new(file), Box::new(config)) })
    }

    fn load(self, device: &ComputeDevice, runtime: &Runtime, watch: &Watch) -> Result<LoadedControl, Error> {
        let need = if device.is_processor() { self.memory(device)? } else { 0 };
        let advice = "close other programs, or take a control away";
        memory::enough("Loading this ControlNet", need, memory::free(), advice)?;
        let (file, config) = match &self.file {
            NextFile::Net(file, config) => (file, config),
            NextFile::Adapter(file, config) => {
                let adapter = T2iAdapter::load(file, config, device, watch)?;
                let network = Arc::new(ControlNetwork::Adapter(adapter));
                return Ok(LoadedControl { key: self.key, network, memory: need });
            }
        };
        let network = match &self.key.base {
            None => ControlNet::load(file, config, None, device, watch)?,
            Some((wanted, _)) => {
                let files = ModelFiles::open(&wanted.choice)?;
                let loras = wanted.loras.iter().map(|lora| Lora::open(lora, runtime)).collect::<Result<Vec<_>, _>>()?;
                let (part, findings) = (files.source.part("unet", DIFFUSERS)?, Findings::new(loras.len()));
                let base = PartReader { name: "unet", files: &part, loras: &loras, findings: &findings };
                ControlNet::load(file, config, Some(base), device, watch)?
            }
        };
        let network = Arc::new(ControlNetwork::Net(Box::new(network)));
        Ok(LoadedControl { key: self.key, network, memory: need })
    }

    /// Bytes of this machine's memory that it takes: its own numbers, or, for a control LoRA, about those of the UNet's way
    /// down, which are two fifths of all.
    fn memory(&self, device: &ComputeDevice) -> Result<u64, Error> {
        let unet = match &self.key.base {
            None => match &self.file {
                NextFile::Net(file, _) => file.part()?.numbers(),
                NextFile::Adapter(file, _) => file.part().numbers(),
            },
            Some((wanted, _)) => ModelFiles::open(&wanted.choice)?.numbers().unet * 2 / 5,
        };
        Ok(memory::packed_model(Numbers { unet, ..Numbers::default() }, device.precision()))
    }
}
