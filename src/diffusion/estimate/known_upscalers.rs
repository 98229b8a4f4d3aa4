//! The networks that enlarge, whose headers are read before estimates are asked for, see
//! [`Estimator::knowing`](crate::engine::Estimator::knowing).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::diffusion::files::upscaler::UpscalerFile;

/// How much work each known network is.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownUpscalers(HashMap<PathBuf, f64>);

impl KnownUpscalers {
    /// Reads the headers of these files. What cannot be read is told when it is loaded.
    pub fn read(files: &[PathBuf]) -> Self {
        let work = |path: &PathBuf| Some((path.clone(), UpscalerFile::open(path).ok()?.config().products_per_pixel()));
        Self(files.iter().filter_map(work).collect())
    }

    /// Multiplications for each pixel of the picture that is enlarged; `None` of a file that is not known.
    pub fn products_per_pixel(&self, path: &Path) -> Option<f64> {
        self.0.get(path).copied()
    }
}
