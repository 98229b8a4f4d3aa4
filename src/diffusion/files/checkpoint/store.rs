//! A file of named tensors of either kind, told by its first bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use candle_core::Tensor;
use candle_core::pickle::PthTensors;

use super::{malformed, pickle};
use crate::diffusion::error::first_line;
use crate::diffusion::files::tensor_file::TensorFile;
use crate::engine::Error;

/// A file of named tensors of either kind.
pub(in crate::diffusion) enum Store {
    Safetensors(TensorFile),
    Pickle(PthTensors),
}

impl Store {
    /// Opens a file; a pickle's tensors are looked for under `state_dict`.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_under(path, "state_dict")
    }

    /// The same with another word that a pickle may keep its tensors under.
    pub fn open_under(path: &Path, key: &str) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(4).read_to_end(&mut start)).map_err(unreadable)?;
        // A .ckpt is a zip archive; what it is called does not matter.
        if start == b"PK\x03\x04" {
            return Ok(Self::Pickle(pickle::open(path, key)?));
        }
        TensorFile::open(path).map(Self::Safetensors)
    }

    /// Names and shapes.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        match self {
            Self::Safetensors(file) => file.shapes().map(|(n, s)| (n.to_owned(), s.to_vec())).collect(),
            Self::Pickle(tensors) => {
                tensors.tensor_infos().iter().map(|(n, info)| (n.clone(), info.layout.dims().to_vec())).collect()
            }
        }
    }

    /// A tensor as the file has it; `None` when there is none of this name.
    pub fn read(&self, path: &Path, name: &str) -> Result<Option<Tensor>, Error> {
        match self {
            Self::Pickle(tensors) => tensors.get(name).map_err(|e| malformed(path, first_line(&e))),
            Self::Safetensors(file) => file.read(name),
        }
    }
}

/// Names and shapes of the tensors in a file of weights, safetensors or `.ckpt`; their numbers are read
/// as well, so that all of it is known to be there.
///
/// # Errors
/// A file that cannot be read, is damaged, or would run code.
pub fn inspect(path: &Path) -> Result<Vec<(String, Vec<usize>)>, Error> {
    let store = Store::open(path)?;
    let shapes = store.shapes();
    for name in shapes.keys() {
        store.read(path, name)?;
    }
    Ok(shapes.into_iter().collect())
}
