//! A file of weights as the networks of `candle-transformers` ask for them: by name and shape.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::VarBuilder;
use candle_nn::var_builder::SimpleBackend;

use crate::diffusion::WeightFile;
use crate::engine::{Cancel, Error};

/// Builds a network from the tensors of an opened file, in 32-bit floats on the processor.
///
/// Each tensor's shape is compared before its numbers are read. `network` is what the file should hold (`MobileSAM`), for
/// messages.
///
/// # Errors
/// A tensor that is missing or of another shape, a file that can no longer be read, or [`Error::Cancelled`].
pub(super) fn build<T>(
    path: &Path,
    file: WeightFile,
    network: &'static str,
    cancel: &Cancel,
    build: impl FnOnce(VarBuilder<'static>) -> candle_core::Result<T>,
) -> Result<T, Error> {
    let first = Arc::new(Mutex::new(None));
    let tensors = FileTensors {
        path: path.display().to_string(),
        file,
        network,
        cancel: cancel.clone(),
        first: Arc::clone(&first),
    };
    let built = build(VarBuilder::from_backend(Box::new(tensors), DType::F32, Device::Cpu));
    built.map_err(|error| first.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(|| error.into()))
}

/// The tensors of a file; the networks of the library only pass its own errors on, so the first one is kept beside them.
struct FileTensors {
    path: String,
    file: WeightFile,
    network: &'static str,
    cancel: Cancel,
    first: Arc<Mutex<Option<Error>>>,
}

impl FileTensors {
    /// A tensor of this shape, or of any.
    fn read(&self, name: &str, shape: Option<&Shape>) -> Result<Tensor, Error> {
        self.cancel.check()?;
        let unfit = |reason: String| {
            let (path, network) = (&self.path, self.network);
            Error::File(format!("{path} is not a file of {network}: {reason}. Choose a file of {network}."))
        };
        let found = self.file.shape(name);
        let Some(found) = found else { return Err(unfit(format!("{name} is missing"))) };
        if let Some(shape) = shape
            && shape.dims() != found
        {
            return Err(unfit(format!("{name} has the shape {found:?} where {:?} is needed", shape.dims())));
        }
        let tensor = self.file.read(name)?.ok_or_else(|| unfit(format!("{name} is missing")))?;
        Ok(tensor.to_dtype(DType::F32)?)
    }

    fn read_or_keep(&self, name: &str, shape: Option<&Shape>) -> candle_core::Result<Tensor> {
        self.read(name, shape).map_err(|error| {
            let text = candle_core::Error::Msg(error.to_string());
            self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            text
        })
    }
}

impl SimpleBackend for FileTensors {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _init: candle_nn::Init,
        _dtype: DType,
        _device: &Device,
    ) -> candle_core::Result<Tensor> {
        self.read_or_keep(name, Some(&shape))
    }

    fn get_unchecked(&self, name: &str, _dtype: DType, _device: &Device) -> candle_core::Result<Tensor> {
        self.read_or_keep(name, None)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.file.has(name)
    }
}
