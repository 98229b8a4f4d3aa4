//! One part of a model (UNet, autoencoder, text encoder) as its layers ask for it, tensor by tensor.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::Tensor;

use crate::diffusion::files::checkpoint::{Checkpoint, WeightFile};
use crate::diffusion::files::control::ChangedUNet;
use crate::diffusion::files::lora::Lora;
use crate::engine::Error;

/// The opened files of a part.
pub(in crate::diffusion) enum PartFiles<'a> {
    /// One file, or the shards of one.
    Separate(Vec<WeightFile>),
    /// The part of this name in a file with the whole model.
    Checkpoint(&'a Checkpoint, &'static str),
    /// A UNet's, changed by a control LoRA.
    Changed(Box<ChangedUNet<'a>>),
}

impl PartFiles<'_> {
    /// How many numbers its tensors hold.
    pub fn numbers(&self) -> u64 {
        self.tensors().map(|(_, numbers)| numbers).sum()
    }

    /// Its tensors under diffusers' names, and how many numbers each holds.
    pub fn tensors(&self) -> Box<dyn Iterator<Item = (&str, u64)> + '_> {
        let count = |shape: &[usize]| shape.iter().product::<usize>() as u64;
        match self {
            Self::Separate(files) => {
                Box::new(files.iter().flat_map(WeightFile::shapes).map(move |(name, shape)| (name, count(shape))))
            }
            Self::Checkpoint(checkpoint, part) => {
                Box::new(checkpoint.tensors(part).map(move |(name, shape)| (name, count(shape))))
            }
            Self::Changed(unet) => unet.changes.tensors(),
        }
    }

    /// How many tensors have their numbers in each format; empty for a part of a checkpoint, which is asked
    /// as a whole.
    pub fn formats(&self) -> BTreeMap<String, usize> {
        let mut formats: BTreeMap<String, usize> = BTreeMap::new();
        if let Self::Separate(files) = self {
            for (name, count) in files.iter().flat_map(WeightFile::formats) {
                *formats.entry(name).or_default() += count;
            }
        }
        formats
    }

    /// Its tensors under diffusers' names, with their shapes.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        let owned = |(name, shape): (&str, &[usize])| (name.to_owned(), shape.to_vec());
        match self {
            Self::Separate(files) => files.iter().flat_map(WeightFile::shapes).map(owned).collect(),
            Self::Checkpoint(checkpoint, part) => checkpoint.tensors(part).map(owned).collect(),
            Self::Changed(unet) => unet.changes.shapes(),
        }
    }

    /// Whether there is a tensor of this name.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::Changed(unet) => unet.contains(name),
            Self::Separate(files) => files.iter().any(|file| file.has(name)),
            Self::Checkpoint(checkpoint, part) => checkpoint.has(part, name),
        }
    }

    /// A tensor under diffusers' name, of the kind its file has.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>, Error> {
        match self {
            Self::Changed(unet) => unet.read(name),
            Self::Separate(files) => {
                for file in files {
                    if let Some(tensor) = file.read(name)? {
                        return Ok(Some(tensor));
                    }
                }
                Ok(None)
            }
            Self::Checkpoint(checkpoint, part) => checkpoint.read(part, name),
        }
    }
}

/// What became of the LoRAs while layers were built.
#[derive(Default)]
pub(in crate::diffusion) struct Findings {
    /// How many layers each LoRA changed.
    changed: Vec<AtomicUsize>,
}

impl Findings {
    pub fn new(loras: usize) -> Self {
        Self { changed: (0..loras).map(|_| AtomicUsize::new(0)).collect() }
    }

    /// The first LoRA that changed nothing.
    pub fn idle<'a>(&self, loras: &'a [Lora]) -> Option<&'a Lora> {
        loras.iter().zip(&self.changed).find(|(_, changed)| changed.load(Ordering::Relaxed) == 0).map(|(lora, _)| lora)
    }
}

/// What layers read their weights from.
pub(in crate::diffusion) struct PartReader<'a> {
    pub name: &'static str,
    pub files: &'a PartFiles<'a>,
    pub loras: &'a [Lora],
    pub findings: &'a Findings,
}

impl PartReader<'_> {
    /// A tensor under diffusers' name, changed by the LoRAs; `None` where the files have none of this name.
    ///
    /// # Errors
    /// A file that can no longer be read, or a LoRA that does not fit the tensor.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>, Error> {
        let Some(mut tensor) = self.files.read(name)? else { return Ok(None) };
        for (lora, changed) in self.loras.iter().zip(&self.findings.changed) {
            if let Some(new) = lora.changed(self.name, name, &tensor)? {
                tensor = new;
                changed.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(Some(tensor))
    }

    /// Whether a LoRA changes this tensor.
    pub fn changes(&self, name: &str) -> bool {
        self.loras.iter().any(|lora| lora.changes(self.name, name))
    }

    /// Whether the files have a tensor of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.files.contains(name)
    }
}
