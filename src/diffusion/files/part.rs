//! One part of a model (UNet, autoencoder, text encoder) as its layers ask for it, tensor by tensor.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::VarBuilder;
use candle_nn::var_builder::SimpleBackend;

use crate::diffusion::files::checkpoint::Checkpoint;
use crate::diffusion::files::lora::Lora;
use crate::diffusion::files::tensor_file::TensorFile;
use crate::engine::Error;

/// The opened files of a part.
pub(in crate::diffusion) enum PartFiles<'a> {
    /// One file, or the shards of one.
    Separate(Vec<TensorFile>),
    /// The part of this name in a file with the whole model.
    Checkpoint(&'a Checkpoint, &'static str),
}

impl PartFiles<'_> {
    /// How many numbers its tensors hold.
    pub fn numbers(&self) -> u64 {
        match self {
            Self::Separate(files) => {
                files.iter().flat_map(TensorFile::shapes).map(|(_, shape)| shape.iter().product::<usize>() as u64).sum()
            }
            Self::Checkpoint(checkpoint, part) => checkpoint.numbers(part),
        }
    }

    fn contains(&self, name: &str) -> bool {
        match self {
            Self::Separate(files) => files.iter().any(|file| file.has(name)),
            Self::Checkpoint(checkpoint, part) => checkpoint.has(part, name),
        }
    }

    /// A tensor under diffusers' name, of the kind its file has.
    fn read(&self, name: &str) -> std::result::Result<Option<Tensor>, Error> {
        match self {
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

/// What became of the files while layers were built from them.
#[derive(Default)]
pub(in crate::diffusion) struct Findings {
    /// The first thing that went wrong, which candle's own error could not carry.
    error: Mutex<Option<Error>>,
    /// How many layers each LoRA changed.
    changed: Vec<AtomicUsize>,
}

impl Findings {
    pub fn new(loras: usize) -> Self {
        Self { error: Mutex::default(), changed: (0..loras).map(|_| AtomicUsize::new(0)).collect() }
    }

    /// Takes what went wrong.
    pub fn error(&self) -> Option<Error> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
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

impl<'a> PartReader<'a> {
    /// A builder at the part's root. Its kind of number tells layers what precision to work in, its device
    /// where; tensors come out as the file has them, on the processor, since layers pack them anyway.
    pub fn builder(self, precision: DType, device: &Device) -> VarBuilder<'a> {
        VarBuilder::from_backend(Box::new(self), precision, device.clone())
    }

    fn read(&self, name: &str) -> std::result::Result<Option<Tensor>, Error> {
        let Some(mut tensor) = self.files.read(name)? else { return Ok(None) };
        for (lora, changed) in self.loras.iter().zip(&self.findings.changed) {
            if let Some(new) = lora.changed(self.name, name, &tensor)? {
                tensor = new;
                changed.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(Some(tensor))
    }
}

impl SimpleBackend for PartReader<'_> {
    fn get(&self, shape: Shape, name: &str, _: candle_nn::Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let tensor = self.get_unchecked(name, dtype, device)?;
        if tensor.shape() != &shape {
            candle_core::bail!("{name} has the shape {:?} and should have {shape:?}", tensor.shape());
        }
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        match self.read(name) {
            Ok(Some(tensor)) => Ok(tensor),
            Ok(None) => candle_core::bail!("{name} is missing"),
            Err(error) => {
                let text = error.to_string();
                self.findings.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                candle_core::bail!("{text}")
            }
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.files.contains(name)
    }
}
