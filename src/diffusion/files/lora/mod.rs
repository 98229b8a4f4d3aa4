//! LoRA files: small changes to a model's weights (Hu et al. 2021), and their relatives.
//!
//! A file holds, for some layers, a few thin matrices; what is made of them, scaled, is added to the
//! layer's weight as the model is loaded. Removing a LoRA reloads the model, so nothing persists.

mod blocks;
mod change;
mod names;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use candle_core::{DType, Tensor};

use crate::diffusion::error::first_line;
use crate::diffusion::files::checkpoint::Store;
use crate::diffusion::files::kind::{Contents, Family, WeightsKind, identify};
use crate::engine::{Error, Runtime};
use crate::models::{LORA_ENDINGS, find_named};
use change::{Parts, changed_bias, changed_weight};
use names::{Role, split};

pub(in crate::diffusion) use blocks::BlockWeights;
pub(in crate::diffusion) use names::{is_lora_tensor, layer_key};
pub(in crate::diffusion) use steps::LoraSteps;

/// A LoRA that a prompt asks for, as `<lora:name:0.8>`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct Wanted {
    /// The file's name, as [`find_named`] reads it.
    pub name: String,
    /// How strongly it changes the text encoder; a negative weight subtracts the change.
    pub text_weight: f32,
    /// How strongly it changes the UNet.
    pub unet_weight: f32,
    /// How many of its ranks are used; `None` for all.
    pub rank: Option<usize>,
    /// What the weights above are multiplied by in each block; `None` for 1 in all.
    pub blocks: Option<BlockWeights>,
}

/// A kind of LoRA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// Two thin matrices a layer.
    Lora,
    /// Thin matrices and a core for the kernel (CP decomposition).
    LoraCp,
    /// Products of two low-rank matrices (LoHa).
    Loha,
    /// Kronecker products (LoKr).
    Lokr,
    /// Whole differences of weights.
    Full,
    /// Factors for channels, (IA)³.
    Ia3,
    /// Rotations of weights (OFT, BOFT): not applied.
    Oft,
    /// Generalised LoRA (GLoRA): not applied.
    Glora,
}

impl Algorithm {
    /// The name people know it by.
    pub fn label(self) -> &'static str {
        match self {
            Self::Lora => "LoRA",
            Self::LoraCp => "LoRA with CP decomposition",
            Self::Loha => "LoHa",
            Self::Lokr => "LoKr",
            Self::Full => "full differences",
            Self::Ia3 => "(IA)³",
            Self::Oft => "OFT",
            Self::Glora => "GLoRA",
        }
    }

    /// Whether files of this kind are applied.
    pub fn is_applied(self) -> bool {
        !matches!(self, Self::Oft | Self::Glora)
    }
}

/// The tensors of one layer: their names in the file by role.
type Layer = HashMap<Role, String>;

/// What a LoRA file changes, known from its names alone.
pub(in crate::diffusion) struct Layers {
    /// By layer, as `unet_down_blocks_0_…`.
    layers: BTreeMap<String, Layer>,
    /// Tensors that belong to no layer.
    pub strays: Vec<String>,
}

impl Layers {
    /// Sorts a file's tensors by layers.
    pub fn of(contents: &Contents) -> Self {
        let (mut layers, mut strays): (BTreeMap<String, Layer>, _) = (BTreeMap::new(), Vec::new());
        for name in contents.shapes.keys() {
            match split(name) {
                Some((layer, role)) => {
                    layers.entry(layer).or_default().insert(role, name.clone());
                }
                None => strays.push(name.clone()),
            }
        }
        Self { layers, strays }
    }

    /// How many layers there are.
    pub fn count(&self) -> usize {
        self.layers.len()
    }

    /// The names of the layers, as [`layer_key`] makes them.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.layers.keys().map(String::as_str)
    }

    /// Kinds, and how many layers are of each; layers that say nothing whole are left out.
    pub fn algorithms(&self) -> BTreeMap<Algorithm, usize> {
        self.layers.values().filter_map(algorithm).fold(BTreeMap::new(), |mut counts, algorithm| {
            *counts.entry(algorithm).or_default() += 1;
            counts
        })
    }

    /// Whether any layer has magnitudes of its own (DoRA).
    pub fn has_magnitudes(&self) -> bool {
        self.layers.values().any(|layer| layer.contains_key(&Role::Magnitude))
    }

    /// The lowest and the highest rank of its matrices, where they have one.
    pub fn ranks(&self, contents: &Contents) -> Option<(usize, usize)> {
        let roles = [Role::Down, Role::HadamardB1, Role::Kronecker2B, Role::Kronecker1B];
        let rank = |layer: &Layer| {
            let name = roles.iter().find_map(|role| layer.get(role))?;
            contents.shapes.get(name)?.first().copied()
        };
        let ranks: Vec<usize> = self.layers.values().filter_map(rank).collect();
        Some((*ranks.iter().min()?, *ranks.iter().max()?))
    }

    /// Whether a layer can change a weight of this shape, as far as the shapes of its tensors say.
    pub fn fits(&self, key: &str, weight: &[usize], contents: &Contents) -> bool {
        let Some(layer) = self.layers.get(key) else { return false };
        let shape = |role| layer.get(&role).and_then(|name: &String| contents.shapes.get(name));
        let (outputs, all) = (weight.first().copied().unwrap_or(0), weight.iter().product::<usize>());
        match (shape(Role::Down), shape(Role::Up), shape(Role::Mid), shape(Role::Whole)) {
            (Some(down), Some(up), None, _) => {
                let inputs: usize = down.iter().skip(1).product();
                up.first() == Some(&outputs) && inputs.checked_mul(outputs) == Some(all)
            }
            (_, _, _, Some(whole)) => whole.iter().product::<usize>() == all,
            _ => true,
        }
    }

    /// What keeps the file from being used at all, as the end of a sentence that begins with its name.
    pub fn refusal(&self, family: Option<Family>) -> Option<String> {
        if let Some(family) = family.filter(|family| !family.is_run()) {
            let name = if family == Family::Other { "a model of another family" } else { family.label() };
            return Some(format!(
                "is a LoRA for {name}, and only LoRAs for Stable Diffusion 1.x and 2.x fit the models that run here"
            ));
        }
        let algorithms = self.algorithms();
        if algorithms.keys().any(|algorithm| algorithm.is_applied()) {
            return None;
        }
        Some(match algorithms.keys().next() {
            Some(algorithm) => format!(
                "is a LoRA of the kind {}, which is not applied yet; use a version of it as LoRA, LoHa or LoKr",
                algorithm.label()
            ),
            None => "is a LoRA whose layers belong to no model that runs here".into(),
        })
    }
}

fn algorithm(layer: &Layer) -> Option<Algorithm> {
    let has = |role| layer.contains_key(&role);
    Some(if has(Role::Down) && has(Role::Up) {
        if has(Role::Mid) { Algorithm::LoraCp } else { Algorithm::Lora }
    } else if has(Role::HadamardA1) && has(Role::HadamardB1) && has(Role::HadamardA2) && has(Role::HadamardB2) {
        Algorithm::Loha
    } else if (has(Role::Kronecker1) || has(Role::Kronecker1A)) && (has(Role::Kronecker2) || has(Role::Kronecker2A)) {
        Algorithm::Lokr
    } else if has(Role::Whole) || has(Role::WholeBias) {
        Algorithm::Full
    } else if has(Role::Factor) && has(Role::OnInput) {
        Algorithm::Ia3
    } else if has(Role::Rotation) {
        Algorithm::Oft
    } else if has(Role::Generalized) {
        Algorithm::Glora
    } else {
        return None;
    })
}

/// An opened LoRA file; its numbers are still in it.
pub(in crate::diffusion) struct Lora {
    path: PathBuf,
    store: Store,
    layers: Layers,
    family: Option<Family>,
    wanted: Wanted,
}

impl Lora {
    /// Finds the file by its name among the LoRAs of the runtime, and reads what it holds.
    ///
    /// # Errors
    /// No such file, a damaged one, one that is no LoRA, or a kind that is not applied.
    pub fn open(wanted: &Wanted, runtime: &Runtime) -> Result<Self, Error> {
        let (folder, elsewhere) = (runtime.loras.as_deref(), &runtime.found_loras);
        let path = find_named(&wanted.name, folder, elsewhere, &LORA_ENDINGS, "LoRA")?;
        let store = Store::open(&path)?;
        let contents = Contents::of(&store);
        let identity = identify(&contents);
        let refused = |text: &str| Err(Error::File(format!("{} {text}.", path.display())));
        if identity.kind != WeightsKind::Lora {
            return refused(&format!("is {} and not a LoRA", identity.kind.label()));
        }
        let layers = Layers::of(&contents);
        if let Some(text) = layers.refusal(identity.family) {
            return refused(&text);
        }
        Ok(Self { path, store, layers, family: identity.family, wanted: wanted.clone() })
    }

    /// What of the file is left out, one sentence; `None` where everything is used.
    pub fn notice(&self) -> Option<String> {
        let ignored = |layer: &Layer| algorithm(layer).is_none_or(|algorithm| !algorithm.is_applied());
        let skipped = self.layers.layers.iter().filter(|(_, layer)| ignored(layer));
        let mut names: Vec<&str> = skipped.map(|(name, _)| name.as_str()).collect();
        names.extend(self.layers.strays.iter().map(String::as_str));
        let first = names.first()?;
        Some(format!(
            "{} was used without {} of its entries, which no supported kind of LoRA has ({first}{}).",
            self.path.display(),
            names.len(),
            if names.len() > 1 { " and others" } else { "" }
        ))
    }

    /// Whether the file changes the tensor `name` of a part (`unet` or `text_encoder`, diffusers' names).
    pub fn changes(&self, part: &str, name: &str) -> bool {
        self.layer(part, name).is_some()
    }

    /// The entry for a tensor, and whether the tensor is a bias.
    fn layer(&self, part: &str, name: &str) -> Option<(&Layer, bool)> {
        let (layer, is_bias) = match name.strip_suffix(".weight") {
            Some(layer) => (layer, false),
            None => (name.strip_suffix(".bias")?, true),
        };
        let entry = self.layers.layers.get(&layer_key(part, layer))?;
        let applied = algorithm(entry).is_some_and(Algorithm::is_applied);
        (applied && (!is_bias || entry.contains_key(&Role::WholeBias))).then_some((entry, is_bias))
    }

    /// What becomes of the tensor `name` of a part (`unet` or `text_encoder`, diffusers' names), as
    /// f32; `None` when the file does not change it.
    ///
    /// # Errors
    /// A layer that does not fit the model's, or that cannot be read.
    pub fn changed(&self, part: &str, name: &str, weight: &Tensor) -> Result<Option<Tensor>, Error> {
        let Some((names, is_bias)) = self.layer(part, name) else { return Ok(None) };
        let mut parts = Parts::new();
        for (role, name) in names {
            if let Some(tensor) = self.store.read(&self.path, name)? {
                parts.insert(*role, tensor.to_dtype(DType::F32)?);
            }
        }
        let strength = if part == "text_encoder" { self.wanted.text_weight } else { self.wanted.unet_weight };
        let strength = strength * self.wanted.blocks.as_ref().map_or(1.0, |blocks| blocks.of(part, name));
        let changed = if is_bias {
            changed_bias(&parts, weight, strength.into())
        } else {
            changed_weight(&parts, weight, strength.into(), self.wanted.rank)
        };
        changed.map_err(|error| {
            tracing::info!("{}: {name}: {}", self.path.display(), first_line(&error));
            self.unfit(&format!("its change to {name} has another shape"))
        })
    }

    /// What to say when it changed nothing.
    pub fn fits_nothing(&self) -> Error {
        self.unfit("none of its layers is in this model")
    }

    fn unfit(&self, reason: &str) -> Error {
        let of = self.family.map_or("", Family::label);
        let made = if of.is_empty() { String::new() } else { format!("; it was made for {of}") };
        Error::File(format!(
            "{} does not fit this model: {reason}{made}. Choose the version for this model, or take it out of the prompt.",
            self.path.display()
        ))
    }
}
