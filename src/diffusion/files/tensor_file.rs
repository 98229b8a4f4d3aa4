//! A safetensors file whose header is known and whose numbers are still in it.
//!
//! Tensors are read one by one, straight into the memory they stay in, so that loading a model never
//! holds more than the packed weights and one tensor. Floats of 8 bits become f16, which holds each of
//! their values exactly.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};
use half::{bf16, f16};

use super::container::{Container, MAX_HEADER};
use super::float8;
use crate::engine::Error;

/// An opened file.
pub(in crate::diffusion) struct TensorFile {
    path: PathBuf,
    bytes: Storage,
    places: HashMap<String, TensorPlace>,
    metadata: HashMap<String, String>,
}

enum Storage {
    /// The lock guards the file's position.
    File(Mutex<File>),
    /// Inside the program.
    Embedded(&'static [u8]),
}

/// A tensor's number format, shape and first byte.
struct TensorPlace {
    format: safetensors::Dtype,
    shape: Vec<usize>,
    from: u64,
}

impl TensorFile {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// A file that cannot be read, is not a safetensors file, or is cut short.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Container::of(path)?.check(path)?;
        let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let mut start = [0; 8];
        file.read_exact(&mut start).map_err(|_| malformed(path, "it is empty or cut short; download it again"))?;
        let length = header_length(path, start, size)?;
        let mut text = vec![0; length as usize];
        file.read_exact(&mut text).map_err(unreadable)?;
        let (places, metadata) = header(path, &text, size)?;
        Ok(Self { path: path.to_path_buf(), bytes: Storage::File(Mutex::new(file)), places, metadata })
    }

    /// A file inside the program; `path` is what to call it.
    ///
    /// # Errors
    /// As [`TensorFile::open`].
    pub fn embedded(path: &Path, bytes: &'static [u8]) -> Result<Self, Error> {
        let size = bytes.len() as u64;
        let Some((start, rest)) = bytes.split_first_chunk() else { return Err(malformed(path, "it is empty")) };
        let length = header_length(path, *start, size)?;
        let (places, metadata) = header(path, &rest[..length as usize], size)?;
        Ok(Self { path: path.to_path_buf(), bytes: Storage::Embedded(bytes), places, metadata })
    }

    /// The texts that its writer left in the header.
    pub fn metadata(&self) -> &HashMap<String, String> {
        &self.metadata
    }

    /// Names and number formats, as the file calls them: `F16`, `F8_E4M3`.
    pub fn formats(&self) -> impl Iterator<Item = (&str, String)> {
        self.places.iter().map(|(name, place)| (name.as_str(), place.format.to_string()))
    }

    /// Names and shapes.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.places.iter().map(|(name, place)| (name.as_str(), place.shape.as_slice()))
    }

    /// The shape of a tensor; `None` when there is none of this name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.places.get(name).map(|place| place.shape.as_slice())
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// A tensor as the file has it, 8-bit floats as f16; `None` when there is none of this name.
    ///
    /// # Errors
    /// A file that can no longer be read, or numbers in a format that is not known.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>, Error> {
        let Some(TensorPlace { format, shape, from }) = self.places.get(name) else { return Ok(None) };
        let count = shape.iter().product();
        let bytes = || {
            let mut bytes = vec![0u8; count];
            self.fill(*from, &mut bytes).map(|()| bytes)
        };
        macro_rules! numbers {
            ($kind:ty, $zero:expr) => {{
                let mut numbers: Vec<$kind> = vec![$zero; count];
                self.fill(*from, bytemuck::cast_slice_mut(&mut numbers))?;
                Tensor::from_vec(numbers, shape.as_slice(), &Device::Cpu)?
            }};
        }
        use safetensors::Dtype;
        Ok(Some(match format {
            Dtype::F16 => numbers!(f16, f16::ZERO),
            Dtype::BF16 => numbers!(bf16, bf16::ZERO),
            Dtype::F64 => numbers!(f64, 0.0).to_dtype(DType::F32)?,
            Dtype::F32 => numbers!(f32, 0.0),
            Dtype::F8_E5M2 => Tensor::from_vec(float8::from_e5m2(&bytes()?), shape.as_slice(), &Device::Cpu)?,
            Dtype::F8_E4M3 => Tensor::from_vec(float8::from_e4m3(&bytes()?), shape.as_slice(), &Device::Cpu)?,
            // Indices and counts: LoRA's alpha and position ids among them.
            Dtype::I64 => numbers!(i64, 0).to_dtype(DType::F32)?,
            Dtype::I32 => numbers!(i32, 0).to_dtype(DType::F32)?,
            Dtype::U8 | Dtype::BOOL => {
                Tensor::from_vec(bytes()?, shape.as_slice(), &Device::Cpu)?.to_dtype(DType::F32)?
            }
            other => {
                let reason = format!("{name} is stored as {other}, a number format that is not read");
                return Err(malformed(&self.path, reason));
            }
        }))
    }

    fn fill(&self, from: u64, output: &mut [u8]) -> Result<(), Error> {
        match &self.bytes {
            Storage::File(file) => {
                // A panic while the lock was held harms nothing: the position is set again.
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(from))
                    .and_then(|_| file.read_exact(output))
                    .map_err(|source| Error::Unreadable { path: self.path.clone(), source })
            }
            Storage::Embedded(bytes) => {
                output.copy_from_slice(&bytes[from as usize..][..output.len()]);
                Ok(())
            }
        }
    }
}

fn header_length(path: &Path, start: [u8; 8], size: u64) -> Result<u64, Error> {
    let length = u64::from_le_bytes(start);
    if length > MAX_HEADER || length + 8 > size {
        return Err(malformed(
            path,
            "it is cut short within its header, or is not a safetensors file; download it again",
        ));
    }
    Ok(length)
}

type Header = (HashMap<String, TensorPlace>, HashMap<String, String>);

fn header(path: &Path, text: &[u8], size: u64) -> Result<Header, Error> {
    // Reading it also checks that shapes, formats and places of all tensors fit each other.
    let metadata: safetensors::tensor::Metadata = serde_json::from_slice(text)
        .map_err(|e| malformed(path, format!("the safetensors header is damaged ({e})")))?;
    let mut places = HashMap::new();
    let first = 8 + text.len() as u64;
    for (name, info) in metadata.tensors() {
        let (from, to) = info.data_offsets;
        // The offsets come from the file and may be any number.
        if first.checked_add(to as u64).is_none_or(|end| end > size) {
            return Err(malformed(path, format!("it is cut short ({name} is missing); download it again")));
        }
        places.insert(name, TensorPlace { format: info.dtype, shape: info.shape.clone(), from: first + from as u64 });
    }
    Ok((places, metadata.metadata().clone().unwrap_or_default()))
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

    /// A file whose header is this text, with so many bytes of numbers.
    fn with_header(header: &str, numbers: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("file");
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), numbers].concat();
        std::fs::write(file.path(), bytes).expect("writes");
        file
    }

    #[test]
    fn floats_of_8_bits_are_read_exactly() {
        let header = r#"{"a":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]},
            "b":{"dtype":"F8_E5M2","shape":[3],"data_offsets":[4,7]},
            "c":{"dtype":"F4","shape":[2],"data_offsets":[7,8]}}"#;
        // 1, -1.5, 448, the smallest; 1, -0.25, 57344.
        let file = with_header(header, &[0x38, 0xbc, 0x7e, 0x01, 0x3c, 0xb4, 0x7b, 0]);
        let file = TensorFile::open(file.path()).expect("opens");
        let read = |name: &str| -> Vec<f32> {
            let tensor = file.read(name).expect("reads").expect("is there");
            assert_eq!(tensor.dtype(), DType::F16);
            tensor.to_dtype(DType::F32).and_then(|t| t.flatten_all()?.to_vec1()).expect("numbers")
        };
        assert_eq!(read("a"), [1.0, -1.5, 448.0, 1.0 / 512.0]);
        assert_eq!(read("b"), [1.0, -0.25, 57344.0]);
        let text = file.read("c").expect_err("refused").to_string();
        assert!(text.contains("c is stored as F4"), "{text}");
    }

    #[test]
    fn offsets_that_overflow_are_refused() {
        // Each tensor is 2^60 bytes long; together they reach beyond what 64 bits count.
        let one = |i: u64| {
            let (from, to) = (i << 60, ((u128::from(i) + 1) << 60).min(u128::from(u64::MAX)) as u64);
            format!(r#""t{i:02}":{{"dtype":"U8","shape":[{}],"data_offsets":[{from},{to}]}}"#, to - from)
        };
        let header = format!("{{{}}}", (0..16).map(one).collect::<Vec<_>>().join(","));
        let file = with_header(&header, &[0; 64]);
        let text = TensorFile::open(file.path()).err().expect("refused").to_string();
        assert!(text.contains("cut short") || text.contains("damaged"), "{text}");
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
