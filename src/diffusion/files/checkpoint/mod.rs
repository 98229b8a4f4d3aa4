//! Whole models in one file with the original names: `.safetensors`, and `.ckpt` without ever
//! executing its pickle.
//!
//! The file says nothing about the model's shape, so the configs that a folder would bring are read
//! off the names and shapes of its tensors.

mod configs;
mod names;
mod pickle;
mod pickle_size;
mod prediction;
mod store;
#[cfg(test)]
pub(in crate::diffusion) mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::Tensor;

use crate::diffusion::files::control::PART as CONTROL;
use crate::diffusion::files::kind::{Contents, as_autoencoder, as_model};
use crate::engine::Error;
use names::Part;
pub(in crate::diffusion) use store::Store;
pub(crate) use store::WeightFile;
pub use store::read_all_tensors;

pub(in crate::diffusion) const UNET: &str = "model.diffusion_model.";
/// What the original ControlNet code puts before its tensors' names.
const CONTROL_MODEL: &str = "control_model.";
pub(in crate::diffusion) const AUTOENCODER: &str = "first_stage_model.";
pub(in crate::diffusion) const CLIP: &str = "cond_stage_model.transformer.";
pub(in crate::diffusion) const OPEN_CLIP: &str = "cond_stage_model.model.";

/// Where one tensor of the model comes from.
struct Origin {
    name: String,
    part: Part,
    shape: Vec<usize>,
}

/// An opened file: what it holds is known, the numbers are still in it.
pub(in crate::diffusion) struct Checkpoint {
    path: PathBuf,
    store: Store,
    /// For `unet`, `vae` and `text_encoder`: diffusers' name to origin.
    parts: BTreeMap<&'static str, BTreeMap<String, Origin>>,
    open_clip: bool,
    /// What its UNet predicts, where the file or one beside it says so.
    prediction: Option<&'static str>,
}

impl Checkpoint {
    /// Reads names and shapes. The file may lack the autoencoder.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, or holds no Stable Diffusion 1.x or 2.x model.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let store = Store::open(path)?;
        let contents = Contents::of(&store);
        as_model(path, &contents)?;
        let prediction = prediction::named(path, &contents);
        let shapes = contents.shapes;
        let Some(layers) = layers_per_level(&shapes, UNET) else {
            return Err(malformed(path, "its UNet is incomplete: no level of it leads to the next"));
        };
        let levels = (0..16)
            .take_while(|level| shapes.contains_key(&format!("{AUTOENCODER}encoder.down.{level}.block.0.conv1.weight")))
            .count();
        let mut parts: BTreeMap<&'static str, BTreeMap<String, Origin>> = BTreeMap::new();
        let mut open_clip = false;
        for (name, shape) in &shapes {
            let whole = |ours: Option<String>| ours.map(|ours| (ours, Part::Whole)).into_iter().collect();
            let (part, ours): (_, Vec<(String, Part)>) = if let Some(name) = name.strip_prefix(UNET) {
                ("unet", whole(names::unet(name, layers)))
            } else if let Some(name) = name.strip_prefix(AUTOENCODER) {
                ("vae", whole(names::autoencoder(name, levels)))
            } else if let Some(name) = name.strip_prefix(OPEN_CLIP) {
                open_clip = true;
                ("text_encoder", names::open_clip(name))
            } else if let Some(name) = name.strip_prefix(CLIP) {
                // The oldest files leave the level `text_model` out.
                let name = if name.starts_with("text_model.") { name.to_owned() } else { format!("text_model.{name}") };
                ("text_encoder", whole(Some(name)))
            } else {
                continue;
            };
            for (ours, piece) in ours {
                let origin = Origin { name: name.clone(), part: piece, shape: shape.clone() };
                parts.entry(part).or_default().insert(ours, origin);
            }
        }
        Ok(Self { path: path.to_path_buf(), store, parts, open_clip, prediction })
    }

    /// Reads names and shapes of a file that holds an autoencoder alone, under the original names, with
    /// or without `first_stage_model.` before them, or under diffusers'; full or tiny.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, or holds no autoencoder.
    pub fn open_autoencoder(path: &Path) -> Result<Self, Error> {
        let store = Store::open(path)?;
        let contents = Contents::of(&store);
        as_autoencoder(path, &contents)?;
        let mut names: BTreeMap<String, Origin> = BTreeMap::new();
        let shapes = contents.shapes;
        let prefix = if shapes.keys().any(|name| name.starts_with(AUTOENCODER)) { AUTOENCODER } else { "" };
        let level = |level: usize| format!("{prefix}encoder.down.{level}.block.0.conv1.weight");
        let levels = (0..16).take_while(|i| shapes.contains_key(&level(*i))).count();
        for (name, shape) in shapes {
            let Some(inner) = name.strip_prefix(prefix) else { continue };
            let ours = if levels > 0 { names::autoencoder(inner, levels) } else { Some(inner.to_owned()) };
            if let Some(ours) = ours {
                names.insert(ours, Origin { name, part: Part::Whole, shape });
            }
        }
        let parts = BTreeMap::from([("vae", names)]);
        Ok(Self { path: path.to_path_buf(), store, parts, open_clip: false, prediction: None })
    }

    /// The tensors of a control network in a file of its own, under the original names, with or without `control_model.`
    /// before them, or under diffusers'. `contents` are those of `store`, and known to be a control network's.
    pub fn of_control(path: &Path, store: Store, contents: Contents) -> Self {
        let shapes = contents.shapes;
        let prefix = if shapes.keys().any(|name| name.starts_with(CONTROL_MODEL)) { CONTROL_MODEL } else { "" };
        let layers = layers_per_level(&shapes, prefix);
        let mut names: BTreeMap<String, Origin> = BTreeMap::new();
        for (name, shape) in shapes {
            let Some(inner) = name.strip_prefix(prefix) else { continue };
            let ours = match layers {
                Some(layers) => names::control(inner, layers),
                // Diffusers' own names.
                None => Some(inner.to_owned()),
            };
            if let Some(ours) = ours {
                names.insert(ours, Origin { name, part: Part::Whole, shape });
            }
        }
        let parts = BTreeMap::from([(CONTROL, names)]);
        Self { path: path.to_path_buf(), store, parts, open_clip: false, prediction: None }
    }

    /// The tensors of one network in a file of its own: `rename` gives what each is called here, `None` for those that are
    /// not used.
    pub fn of_network(
        path: &Path,
        store: Store,
        part: &'static str,
        shapes: BTreeMap<String, Vec<usize>>,
        rename: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let origin =
            |(name, shape): (String, Vec<usize>)| Some((rename(&name)?, Origin { name, part: Part::Whole, shape }));
        let parts = BTreeMap::from([(part, shapes.into_iter().filter_map(origin).collect())]);
        Self { path: path.to_path_buf(), store, parts, open_clip: false, prediction: None }
    }

    /// Whether only a trial can tell what its UNet predicts: 2.x comes both ways under one set of names; 1.x
    /// predicts the noise unless it says otherwise.
    pub fn prediction_is_unknown(&self) -> bool {
        self.open_clip && self.prediction.is_none()
    }

    /// A part's tensors under diffusers' names, with their shapes in the file.
    pub fn tensors(&self, part: &str) -> impl Iterator<Item = (&str, &[usize])> {
        let origins = self.parts.get(part).into_iter().flatten();
        origins.map(|(name, origin)| (name.as_str(), origin.shape.as_slice()))
    }

    /// Whether a part has a tensor under this name of diffusers'.
    pub fn has(&self, part: &str, name: &str) -> bool {
        self.shape(part, name).is_some()
    }

    /// A part's tensor under diffusers' name; `None` when there is none.
    pub fn read(&self, part: &str, name: &str) -> Result<Option<Tensor>, Error> {
        let Some(origin) = self.parts.get(part).and_then(|tensors| tensors.get(name)) else { return Ok(None) };
        let Some(mut tensor) = self.store.read(&self.path, &origin.name)? else { return Ok(None) };
        if let Part::Third(index) = origin.part {
            let rows = tensor.dim(0)? / 3;
            tensor = tensor.narrow(0, index * rows, rows)?.contiguous()?;
        }
        // The original autoencoder attends with 1×1 convolutions.
        if part == "vae" && name.contains(".attentions.") && tensor.rank() == 4 {
            tensor = tensor.flatten_from(1)?;
        }
        Ok(Some(tensor))
    }
}

/// How many residual blocks each level of a UNet has on its way down, by the original names behind `prefix`; `None` where
/// there are none of them.
fn layers_per_level(shapes: &BTreeMap<String, Vec<usize>>, prefix: &str) -> Option<usize> {
    shapes
        .keys()
        .filter_map(|name| name.strip_prefix(prefix)?.strip_prefix("input_blocks.")?.split_once(".0.op."))
        .filter_map(|(index, _)| index.parse::<usize>().ok())
        .min()
        .and_then(|first| first.checked_sub(1))
        .filter(|layers| (1..=8).contains(layers))
}

fn malformed(path: &Path, reason: impl Into<String>) -> Error {
    Error::Malformed { path: path.to_path_buf(), reason: reason.into() }
}
