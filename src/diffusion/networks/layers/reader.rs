//! How layers get their weights: read from the model's files, changed by LoRAs, packed for the kernels,
//! and shared with the same model under other LoRAs.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, DType, Device, Result, Shape, Storage, Tensor, bail};

use crate::diffusion::error::first_line;
use crate::diffusion::files::part::PartReader;
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::{Packed, Precision, Weights};

/// A weight as a layer holds it. Cloning shares the numbers.
#[derive(Clone)]
enum KeptWeight {
    /// In the kernels' order.
    Packed(Arc<Packed>),
    /// A small tensor as the file has it, or any tensor on a graphics card.
    Tensor(Tensor),
}

struct SharedWeight {
    weight: KeptWeight,
    /// Whether a LoRA changed it.
    changed: bool,
}

/// The weights that a loaded part (UNet, text encoder) is made of, by their names. They are shared with
/// the part's layers, so keeping them takes no memory.
#[derive(Default)]
pub(in crate::diffusion) struct PartWeights(HashMap<String, SharedWeight>);

impl PartWeights {
    /// The weight of this name, unless a LoRA changed it.
    fn unchanged(&self, name: &str) -> Option<KeptWeight> {
        self.0.get(name).filter(|kept| !kept.changed).map(|kept| kept.weight.clone())
    }
}

/// Builds one part of a model. Layers take their weights from its [`PartLoader::root`]; what they took
/// is left in [`PartLoader::into_weights`].
pub(in crate::diffusion) struct PartLoader<'a> {
    reader: PartReader<'a>,
    precision: DType,
    device: Device,
    watch: &'a Watch,
    shared: Option<&'a PartWeights>,
    kept: Mutex<PartWeights>,
    /// The first thing that went wrong, which candle's own error cannot carry.
    error: Mutex<Option<Error>>,
}

impl<'a> PartLoader<'a> {
    /// Reads from `reader` for layers that work in `precision` on `device`.
    pub fn new(reader: PartReader<'a>, precision: DType, device: &Device, watch: &'a Watch) -> Self {
        Self {
            reader,
            precision,
            device: device.clone(),
            watch,
            shared: None,
            kept: Mutex::default(),
            error: Mutex::default(),
        }
    }

    /// Takes the weights that no LoRA changes, neither then nor now, from the same part of the same model
    /// instead of reading them again. It must have been built in the same precision on the same device.
    pub fn sharing(self, shared: Option<&'a PartWeights>) -> Self {
        Self { shared, ..self }
    }

    /// The reader at the part's root.
    pub fn root(&self) -> LayerReader<'_> {
        LayerReader { loader: self, prefix: String::new(), precision: self.precision }
    }

    /// Everything that was taken.
    pub fn into_weights(self) -> PartWeights {
        self.kept.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The weight `name`, shared where that is possible, otherwise made by `make` from the tensor in the
    /// file.
    fn weight(&self, name: &str, shape: &Shape, make: impl FnOnce(Tensor) -> Result<KeptWeight>) -> Result<KeptWeight> {
        let changes = self.reader.changes(name);
        let shared = self.shared.filter(|_| !changes).and_then(|weights| weights.unchanged(name));
        let weight = match shared {
            Some(weight) => weight,
            None => make(self.read(name, shape)?)?,
        };
        let kept = SharedWeight { weight: weight.clone(), changed: changes };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).0.insert(name.to_owned(), kept);
        Ok(weight)
    }

    fn read(&self, name: &str, shape: &Shape) -> Result<Tensor> {
        let tensor = match self.watch.check().and_then(|()| self.reader.read(name)) {
            Ok(Some(tensor)) => tensor,
            Ok(None) => bail!("{name} is missing"),
            Err(error) => return Err(self.failed(error)),
        };
        if tensor.shape() != shape {
            bail!("{name} has the shape {:?} and should have {shape:?}", tensor.shape());
        }
        self.watch.tensor_read();
        Ok(tensor)
    }

    fn failed(&self, error: Error) -> candle_core::Error {
        let text = error.to_string();
        self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        candle_core::Error::Msg(text)
    }

    /// The engine's error for a part that could not be built: what went wrong while it was read, or weights
    /// that do not match the config. `path` is what to call the part's file.
    pub fn explain(&self, error: &candle_core::Error, path: PathBuf) -> Error {
        let kept = self.error.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.unwrap_or_else(|| Error::Malformed {
            path,
            reason: format!("its weights do not match its config ({})", first_line(error)),
        })
    }
}

/// Reads the weights of one layer, by names under the layer's own.
#[derive(Clone)]
pub(in crate::diffusion) struct LayerReader<'a> {
    loader: &'a PartLoader<'a>,
    prefix: String,
    precision: DType,
}

impl LayerReader<'_> {
    /// The reader of the layer `name` inside this one.
    pub fn pp(&self, name: impl Display) -> Self {
        Self { prefix: self.path(name), ..self.clone() }
    }

    /// A reader of this layer in f32, for layers whose rounding would show: the first, the last, and small ones.
    pub fn in_f32(&self) -> Self {
        let precision = if self.precision == DType::F64 { DType::F64 } else { DType::F32 };
        Self { precision, ..self.clone() }
    }

    /// The kind of number that the layer multiplies.
    pub fn dtype(&self) -> DType {
        self.precision
    }

    /// Where the layer works.
    pub fn device(&self) -> &Device {
        &self.loader.device
    }

    /// Whether the file has a tensor of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.loader.reader.contains(&self.path(name))
    }

    /// A tensor of this shape as the file has it, in the processor's memory. For tensors that are used as
    /// they are, and for small ones.
    pub fn tensor(&self, shape: impl Into<Shape>, name: &str) -> Result<Tensor> {
        self.tensor_as(shape, name, Ok)
    }

    /// A tensor of this shape as `make` turns it, such as on another device.
    pub fn tensor_as(
        &self,
        shape: impl Into<Shape>,
        name: &str,
        make: impl FnOnce(Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let name = self.path(name);
        match self.loader.weight(&name, &shape.into(), |tensor| make(tensor).map(KeptWeight::Tensor))? {
            KeptWeight::Tensor(tensor) => Ok(tensor),
            KeptWeight::Packed(_) => bail!("{name} is used by two layers"),
        }
    }

    /// The numbers of a vector of this length.
    pub fn vector(&self, length: usize, name: &str) -> Result<Vec<f32>> {
        self.tensor(length, name)?.to_dtype(DType::F32)?.to_vec1()
    }

    /// The tensor `weight` in the kernels' order. `shape` is `[outputs, inputs, ..]`, the rest being the
    /// taps of a convolution.
    pub fn packed(&self, shape: impl Into<Shape>, pack: Pack) -> Result<Arc<Packed>> {
        let (name, shape) = (self.path("weight"), shape.into());
        let precision = self.kernel_precision();
        match self.loader.weight(&name, &shape, |tensor| Ok(KeptWeight::Packed(packed(&tensor, precision, pack)?)))? {
            KeptWeight::Packed(packed) => Ok(packed),
            KeptWeight::Tensor(_) => bail!("{name} is used by two layers"),
        }
    }

    /// What the kernels call this layer's kind of number.
    pub fn kernel_precision(&self) -> Precision {
        match self.precision {
            DType::BF16 => Precision::Bf16,
            DType::F16 => Precision::F16,
            _ => Precision::F32,
        }
    }

    fn path(&self, name: impl Display) -> String {
        if self.prefix.is_empty() { name.to_string() } else { format!("{}.{name}", self.prefix) }
    }
}

/// Puts a weight in the kernels' order, given its numbers of outputs, inputs and taps.
pub(super) type Pack = fn(Weights<'_>, usize, usize, usize, Precision) -> Option<Packed>;

fn packed(weight: &Tensor, precision: Precision, pack: Pack) -> Result<Arc<Packed>> {
    let (outputs, inputs) = (weight.dim(0)?, weight.dim(1)?);
    let taps = weight.dims()[2..].iter().product();
    let weight = weight.contiguous()?;
    let (storage, layout) = weight.storage_and_layout();
    let (Storage::Cpu(storage), Some((from, to))) = (&*storage, layout.contiguous_offsets()) else {
        bail!("the weights are not in the processor's memory");
    };
    let numbers = match storage {
        CpuStorage::F32(values) => Weights::F32(&values[from..to]),
        CpuStorage::F16(values) => Weights::F16(&values[from..to]),
        CpuStorage::BF16(values) => Weights::Bf16(&values[from..to]),
        _ => bail!("weights of the kind {:?}", weight.dtype()),
    };
    match pack(numbers, outputs, inputs, taps, precision) {
        Some(packed) => Ok(Arc::new(packed)),
        None => bail!("weights of shape {:?} do not make {outputs} by {inputs} by {taps}", layout.shape()),
    }
}
