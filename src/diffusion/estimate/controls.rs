//! The T2I-Adapters among the controls, which take far less than ControlNets: they are run once for a job.
//!
//! What a control is stands in its file, whose header may take long to read on a slow disk. So it is read before estimates
//! are asked for, see [`Estimator::knowing`](crate::engine::Estimator::knowing).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::diffusion::files::adapter::AdapterFile;
use crate::diffusion::networks::adapter::AdapterConfig;
use crate::diffusion::networks::unet::config::UNetConfig;

/// A T2I-Adapter, without its weights.
#[derive(Clone, Debug)]
pub(super) struct KnownAdapter {
    pub config: AdapterConfig,
    /// How many numbers it has.
    pub numbers: u64,
}

/// The T2I-Adapters among the files of controls. Any other file counts as a ControlNet.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownControls(HashMap<PathBuf, KnownAdapter>);

impl KnownControls {
    /// Reads the headers of these files and folders. `factor` is how many pixels a side one place of the latent has.
    pub fn read(controls: &[PathBuf], unet: &UNetConfig, factor: usize) -> Self {
        let adapter = |path: &PathBuf| {
            // What cannot be read, or does not fit, is told when it is loaded.
            let file = AdapterFile::open(path).ok().flatten()?;
            let config = AdapterConfig::new(path, &file.shapes(), unet, factor).ok()?;
            Some((path.clone(), KnownAdapter { config, numbers: file.part().numbers() }))
        };
        Self(controls.iter().filter_map(adapter).collect())
    }

    /// The T2I-Adapter in this file, if it is one.
    pub fn adapter(&self, path: &Path) -> Option<&KnownAdapter> {
        self.0.get(path)
    }
}
