//! A safetensors file whose header is known and whose numbers are still in it.
//!
//! Tensors are read one by one, straight into the memory they stay in, so that loading a model never
//! holds more than the packed weights and one tensor.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};

use crate::engine::Error;

/// The longest header that is read.
const MAX_HEADER: u64 = 100 << 20;

/// An opened file.
pub(in crate::diffusion) struct TensorFile {
    path: PathBuf,
    bytes: Bytes,
    places: HashMap<String, Place>,
}

enum Bytes {
    /// The lock guards the file's position.
    File(Mutex<File>),
    /// Inside the program.
    Embedded(&'static [u8]),
}

/// A tensor's kind, shape and first byte.
struct Place {
    dtype: DType,
    shape: Vec<usize>,
    from: u64,
}

impl TensorFile {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// A file that cannot be read, is no safetensors file, or is cut short.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut start = [0; 8];
        file.read_exact(&mut start).map_err(|_| malformed(path, "it is empty or cut short"))?;
        let length = header_length(path, start, size)?;
        let mut text = vec![0; length as usize];
        file.read_exact(&mut text).map_err(unreadable)?;
        let places = places(path, &text, size)?;
        Ok(Self { path: path.to_path_buf(), bytes: Bytes::File(Mutex::new(file)), places })
    }

    /// A file inside the program; `path` is what to call it.
    ///
    /// # Errors
    /// As [`TensorFile::open`].
    pub fn embedded(path: &Path, bytes: &'static [u8]) -> Result<Self, Error> {
        let size = bytes.len() as u64;
        let Some((start, rest)) = bytes.split_first_chunk() else { return Err(malformed(path, "it is empty")) };
        let length = header_length(path, *start, size)?;
        let places = places(path, &rest[..length as usize], size)?;
        Ok(Self { path: path.to_path_buf(), bytes: Bytes::Embedded(bytes), places })
    }

    /// Names and shapes.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.places.iter().map(|(name, place)| (name.as_str(), place.shape.as_slice()))
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// A tensor as the file has it; `None` when there is none of this name.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>, Error> {
        let Some(Place { dtype, shape, from }) = self.places.get(name) else { return Ok(None) };
        let count = shape.iter().product();
        macro_rules! numbers {
            ($kind:ty, $zero:expr) => {{
                let mut numbers: Vec<$kind> = vec![$zero; count];
                self.fill(*from, bytemuck::cast_slice_mut(&mut numbers))?;
                Tensor::from_vec(numbers, shape.as_slice(), &Device::Cpu)?
            }};
        }
        Ok(Some(match dtype {
            DType::F16 => numbers!(f16, f16::ZERO),
            DType::BF16 => numbers!(bf16, bf16::ZERO),
            DType::F64 => numbers!(f64, 0.0).to_dtype(DType::F32)?,
            _ => numbers!(f32, 0.0),
        }))
    }

    fn fill(&self, from: u64, output: &mut [u8]) -> Result<(), Error> {
        match &self.bytes {
            Bytes::File(file) => {
                // A panic while the lock was held harms nothing: the position is set anew.
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(from))
                    .and_then(|_| file.read_exact(output))
                    .map_err(|source| Error::Unreadable { path: self.path.clone(), source })
            }
            Bytes::Embedded(bytes) => {
                output.copy_from_slice(&bytes[from as usize..][..output.len()]);
                Ok(())
            }
        }
    }
}

fn header_length(path: &Path, start: [u8; 8], size: u64) -> Result<u64, Error> {
    let length = u64::from_le_bytes(start);
    if length > MAX_HEADER || length + 8 > size {
        return Err(malformed(path, "it is neither a safetensors file nor a .ckpt, or it is cut short"));
    }
    Ok(length)
}

fn places(path: &Path, header: &[u8], size: u64) -> Result<HashMap<String, Place>, Error> {
    // Reading it also checks that shapes, kinds and places of all tensors fit each other.
    let metadata: safetensors::tensor::Metadata = serde_json::from_slice(header)
        .map_err(|e| malformed(path, format!("the safetensors header is damaged ({e})")))?;
    let mut places = HashMap::new();
    for (name, info) in metadata.tensors() {
        let dtype = match info.dtype {
            safetensors::Dtype::F32 => DType::F32,
            safetensors::Dtype::F16 => DType::F16,
            safetensors::Dtype::BF16 => DType::BF16,
            safetensors::Dtype::F64 => DType::F64,
            // Position ids and the like: the program makes its own.
            _ => continue,
        };
        let first = 8 + header.len() as u64;
        if first + info.data_offsets.1 as u64 > size {
            return Err(malformed(path, format!("it is cut short: {name} is missing")));
        }
        let from = first + info.data_offsets.0 as u64;
        places.insert(name, Place { dtype, shape: info.shape.clone(), from });
    }
    Ok(places)
}

fn malformed(path: &Path, reason: impl Into<String>) -> Error {
    Error::Malformed { path: path.to_path_buf(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_number_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("kinds.safetensors");
        let plain = Tensor::new(&[[0.5f32, -2.0], [3.25, 1e-3]], &Device::Cpu).expect("tensor");
        let kinds = [DType::F16, DType::BF16, DType::F32, DType::F64];
        let tensors: HashMap<String, Tensor> =
            kinds.iter().map(|kind| (format!("{kind:?}"), plain.to_dtype(*kind).expect("converts"))).collect();
        candle_core::safetensors::save(&tensors, &path).expect("writes");
        let file = TensorFile::open(&path).expect("opens");
        assert_eq!(file.shapes().count(), 4);
        for kind in kinds {
            let got = file.read(&format!("{kind:?}")).expect("reads").expect("is there");
            let wide = |t: &Tensor| t.to_dtype(DType::F64).and_then(|t| t.to_vec2::<f64>()).expect("numbers");
            let want = plain.to_dtype(kind).expect("converts");
            assert!(wide(&got).iter().flatten().zip(wide(&want).iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-9));
        }
        assert!(file.read("none").expect("reads").is_none());
    }

    #[test]
    fn a_file_cut_short_is_refused_when_it_is_opened() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("cut.safetensors");
        let tensor = Tensor::zeros((4, 4), DType::F32, &Device::Cpu).expect("tensor");
        candle_core::safetensors::save(&HashMap::from([("a".to_owned(), tensor)]), &path).expect("writes");
        let bytes = std::fs::read(&path).expect("reads");
        for length in [0, 7, 20, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let text = TensorFile::open(&path).err().expect("refused").to_string();
            assert!(text.contains("cut short"), "{length}: {text}");
        }
    }
}
