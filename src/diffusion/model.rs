//! A loaded model: its parts, built from its own config files.

use std::path::Path;
use std::sync::Arc;

use candle_core::DType;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::lora::Lora;
use crate::diffusion::files::part::{Findings, PartFiles, PartReader};
use crate::diffusion::model_files::{ModelFiles, lacks_vae};
use crate::diffusion::networks::layers::{LayerReader, PartLoader, PartWeights};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::unet::{UNet, UNetInputs};
use crate::diffusion::networks::vae::{DIFFUSERS, Vae};
use crate::diffusion::pipeline::kept_inputs::KeptInputs;
use crate::diffusion::pipeline::preview::Preview;
use crate::diffusion::sampling::denoiser::Prediction;
use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::diffusion::text::encoder::TextEncoder;
use crate::diffusion::text::tokens::Tokens;
use crate::diffusion::watch::Watch;
use crate::engine::{Error, Recommended};
use crate::kernels::memory::release;

/// All weights of one Stable Diffusion model, ready to run. Cloning shares them.
#[derive(Clone)]
pub(in crate::diffusion) struct Model {
    pub recommended: Recommended,
    pub device: ComputeDevice,
    pub tokens: Arc<Tokens>,
    pub text: Arc<TextEncoder>,
    pub unet: Arc<UNet>,
    pub unet_config: Arc<UNetConfig>,
    /// The autoencoder that it was loaded with: its own where it has one.
    first_vae: Arc<Vae>,
    has_own_vae: bool,
    /// The autoencoder in use: the model's own, or a replacement VAE.
    pub vae: Arc<Vae>,
    pub levels: NoiseLevels,
    pub prediction: Prediction,
    /// What its UNet takes besides the noisy latent.
    pub inputs: UNetInputs,
    pub preview: Preview,
    /// What the latest jobs were made from.
    pub kept: Arc<KeptInputs>,
    weights: Arc<ModelWeights>,
}

/// The weights of the parts that LoRAs can change.
struct ModelWeights {
    text: PartWeights,
    unet: PartWeights,
}

impl Model {
    /// Reads the weights of a model, changed by LoRAs. `replacement_vae` is read where the model has no VAE of
    /// its own. `shared` may be the same model on the same device
    /// with other LoRAs: then only the weights that one of the two changes are read.
    ///
    /// # Errors
    /// A damaged file, weights that do not match their config, a LoRA that changes nothing, or
    /// [`Error::Cancelled`] between two tensors.
    pub fn load(
        files: &ModelFiles,
        replacement_vae: Option<&Path>,
        device: &ComputeDevice,
        loras: &[Lora],
        shared: Option<&Model>,
        watch: &Watch,
    ) -> Result<Self, Error> {
        let findings = Findings::new(loras.len());
        let part = |name, stem, precision, shared| {
            let files = files.source.part(name, stem)?;
            Ok::<_, Error>(PartOfModel { name, files, loras, findings: &findings, precision, device, shared })
        };
        let text_part = part("text_encoder", "model", device.weight_dtype(), shared.map(|model| &model.weights.text))?;
        let unet_part = part("unet", DIFFUSERS, device.dtype(), shared.map(|model| &model.weights.unet))?;
        let text = || text_part.build(files, watch, |reader| TextEncoder::new(&files.text, reader));
        let unet = || unet_part.build(files, watch, |reader| UNet::new(&files.unet, reader));
        let vae = || match (shared, &files.vae, replacement_vae) {
            (Some(model), ..) => Ok(Arc::clone(&model.first_vae)),
            (None, Some(config), _) => Vae::of_model(&files.source, config, device, watch).map(Arc::new),
            (None, None, Some(path)) => {
                let vae = Vae::open(path, device, watch)?;
                vae.check_channels(files.unet.out_channels)?;
                Ok(Arc::new(vae))
            }
            (None, None, None) => Err(files.lacks_vae()),
        };
        let (unet, (text, vae)) = rayon::join(unet, || rayon::join(text, vae));
        let ((text, text_weights), (unet, unet_weights), vae) = (text?, unet?, vae?);
        if let Some(lora) = findings.idle(loras) {
            return Err(lora.fits_nothing());
        }
        let prediction = match (files.prediction, shared) {
            (Some(prediction), _) => prediction,
            (None, Some(model)) => model.prediction,
            (None, None) => Prediction::by_trial(&unet, &files.unet, &device.candle, watch)?,
        };
        // The memory that reading and packing took is not needed any more.
        release();
        Ok(Self {
            recommended: files.recommended,
            device: device.clone(),
            tokens: Arc::clone(&files.tokens),
            preview: Preview::fit(&vae, &device.candle, watch)?,
            kept: Arc::default(),
            levels: files.levels.clone(),
            prediction,
            inputs: files.unet.inputs().unwrap_or(UNetInputs::Latent),
            text: Arc::new(text),
            unet: Arc::new(unet),
            unet_config: Arc::new(files.unet.clone()),
            first_vae: Arc::clone(&vae),
            has_own_vae: files.vae.is_some(),
            vae,
            weights: Arc::new(ModelWeights { text: text_weights, unet: unet_weights }),
        })
    }

    /// Its UNet with these LoRAs in the place of those that it was loaded with. `files` are the model's. What no LoRA of
    /// either changes is shared.
    ///
    /// # Errors
    /// As for [`Model::load`].
    pub fn unet_with(&self, files: &ModelFiles, loras: &[Lora], watch: &Watch) -> Result<Arc<UNet>, Error> {
        let findings = Findings::new(loras.len());
        let part = PartOfModel {
            name: "unet",
            files: files.source.part("unet", DIFFUSERS)?,
            loras,
            findings: &findings,
            precision: self.device.dtype(),
            device: &self.device,
            shared: Some(&self.weights.unet),
        };
        let (unet, _) = part.build(files, watch, |reader| UNet::new(&files.unet, reader))?;
        release();
        Ok(Arc::new(unet))
    }

    /// The same model with a replacement VAE, or with its own again.
    ///
    /// # Errors
    /// An autoencoder that cannot be read or makes other latents, or [`Error::Cancelled`].
    pub fn with_vae(&self, path: Option<&Path>, watch: &Watch) -> Result<Self, Error> {
        let vae = match path {
            None if !self.has_own_vae => return Err(lacks_vae("This model")),
            None => Arc::clone(&self.first_vae),
            Some(path) => {
                let other = Vae::open(path, &self.device, watch)?;
                other.check_fits(&self.first_vae)?;
                Arc::new(other)
            }
        };
        release();
        let preview = Preview::fit(&vae, &self.device.candle, watch)?;
        Ok(Self { preview, kept: Arc::default(), vae, ..self.clone() })
    }
}

#[cfg(test)]
impl Model {
    /// A model on the processor, for tests of its parts.
    pub fn load_for_test(choice: &crate::engine::ModelChoice, dtype: crate::engine::Dtype) -> Result<Self, Error> {
        let device = ComputeDevice::new(crate::engine::DeviceChoice::Cpu, dtype)?;
        Self::load(&ModelFiles::open(choice)?, None, &device, &[], None, &Watch::default())
    }

    /// The same model as if nothing was made with it yet.
    pub fn with_nothing_kept(&self) -> Self {
        Self { kept: Arc::default(), ..self.clone() }
    }
}

/// A part that LoRAs can change, while it is built.
struct PartOfModel<'a> {
    name: &'static str,
    files: PartFiles<'a>,
    loras: &'a [Lora],
    findings: &'a Findings,
    precision: DType,
    device: &'a ComputeDevice,
    shared: Option<&'a PartWeights>,
}

impl PartOfModel<'_> {
    fn build<T>(
        &self,
        files: &ModelFiles,
        watch: &Watch,
        network: impl FnOnce(LayerReader) -> candle_core::Result<T>,
    ) -> Result<(T, PartWeights), Error> {
        let &Self { name, files: ref part, loras, findings, precision, device, shared } = self;
        let reader = PartReader { name, files: part, loras, findings };
        let loader = PartLoader::new(reader, precision, &device.candle, watch).sharing(shared);
        let built = network(loader.root()).map_err(|error| loader.explain(&error, files.path(name)))?;
        Ok((built, loader.into_weights()))
    }
}
