//! Files of networks that enlarge pictures: ESRGAN (Wang et al. 2018) and Real-ESRGAN (Wang et al. 2021), under the names
//! of each of their programs, and Real-ESRGAN's compact network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::checkpoint::{Checkpoint, Store};
use super::kind::{Contents, WeightsKind, identify};
use super::part::PartFiles;
use crate::diffusion::networks::upscaler::{CompactConfig, RrdbConfig, UpscalerConfig};
use crate::engine::Error;

/// The name of the part in a file of its own.
const PART: &str = "upscaler";

type Shapes = BTreeMap<String, Vec<usize>>;

/// An opened file; its numbers are still in it.
pub(in crate::diffusion) struct UpscalerFile {
    path: PathBuf,
    file: Checkpoint,
    config: UpscalerConfig,
}

impl UpscalerFile {
    /// Opens a file and reads what it holds, without its numbers.
    ///
    /// # Errors
    /// One sentence for what is missing, damaged, no upscaler, or one of a kind that does not run here.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(Error::File(format!(
                "There is no upscaler at {}. Choose the file of an ESRGAN network, or the upscaler lanczos.",
                path.display()
            )));
        }
        let store = Store::open(path)?;
        let contents = Contents::of(&store);
        let identity = identify(&contents);
        if identity.kind != WeightsKind::Upscaler {
            return Err(Error::File(format!(
                "{} is {} and not an upscaler; choose the file of an ESRGAN network.",
                path.display(),
                identity.kind.label()
            )));
        }
        let config =
            config_of(&contents.shapes).map_err(|reason| Error::File(format!("{} {reason}.", path.display())))?;
        let names = Names::of(&contents.shapes);
        let file = Checkpoint::of_network(path, store, PART, contents.shapes, |name| names.rename(name));
        Ok(Self { path: path.to_path_buf(), file, config })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What shapes its network.
    pub fn config(&self) -> &UpscalerConfig {
        &self.config
    }

    /// Its tensors.
    pub fn part(&self) -> PartFiles<'_> {
        PartFiles::Checkpoint(&self.file, PART)
    }
}

/// What shapes the network of a file with these tensors.
///
/// # Errors
/// Why it does not run here, as the end of a sentence that begins with the file's name.
pub(in crate::diffusion) fn config_of(shapes: &Shapes) -> Result<UpscalerConfig, String> {
    const CHOOSE: &str = "choose an ESRGAN or Real-ESRGAN file";
    let names = Names::of(shapes);
    let ours: Shapes = shapes.iter().filter_map(|(name, shape)| Some((names.rename(name)?, shape.clone()))).collect();
    if let Some(compact) = CompactConfig::of(&ours) {
        return compact.map(UpscalerConfig::Compact);
    }
    match RrdbConfig::of(&ours) {
        Some(config) => config.map(UpscalerConfig::Rrdb),
        None => Err(format!("is an upscaler of a kind that does not run here; {CHOOSE}")),
    }
}

/// Which program's names a file has.
enum Names {
    /// Those of BasicSR and Real-ESRGAN, which are used here, and those of the compact network.
    Present,
    /// Those of ESRGAN's second version: `RRDB_trunk`, `trunk_conv`.
    Second,
    /// Those of its first version, which counts layers: `model.1.sub`. `blocks` is the number of its blocks, `layers` are the
    /// numbers of the convolutions behind them.
    First { blocks: usize, layers: Vec<usize> },
}

impl Names {
    fn of(shapes: &Shapes) -> Self {
        if shapes.keys().any(|name| name.starts_with("RRDB_trunk.")) {
            return Self::Second;
        }
        let number = |name: &str, start: &str| name.strip_prefix(start)?.split('.').next()?.parse::<usize>().ok();
        let blocks = shapes
            .keys()
            .filter(|name| name.contains(".RDB1.") || name.contains(".RDB2.") || name.contains(".RDB3."))
            .filter_map(|name| number(name, "model.1.sub."))
            .collect::<BTreeSet<_>>()
            .len();
        if blocks == 0 {
            return Self::Present;
        }
        let layers = shapes.keys().filter_map(|name| number(name, "model.")).filter(|number| *number > 1);
        Self::First { blocks, layers: layers.collect::<BTreeSet<_>>().into_iter().collect() }
    }

    /// BasicSR's name of a tensor; `None` for one that has none.
    fn rename(&self, name: &str) -> Option<String> {
        match self {
            Self::Present => Some(name.to_owned()),
            Self::Second => {
                let (first, rest) = name.split_once('.')?;
                Some(match first {
                    "RRDB_trunk" => format!("body.{}", rest.replace(".RDB", ".rdb")),
                    "trunk_conv" => format!("conv_body.{rest}"),
                    "HRconv" => format!("conv_hr.{rest}"),
                    _ => match first.strip_prefix("upconv") {
                        Some(number) => format!("conv_up{number}.{rest}"),
                        None => name.to_owned(),
                    },
                })
            }
            Self::First { blocks, layers } => {
                let (number, rest) = name.strip_prefix("model.")?.split_once('.')?;
                match number.parse::<usize>().ok()? {
                    0 => Some(format!("conv_first.{rest}")),
                    1 => {
                        let (block, rest) = rest.strip_prefix("sub.")?.split_once('.')?;
                        match block.parse::<usize>().ok()? {
                            block if block == *blocks => Some(format!("conv_body.{rest}")),
                            block => {
                                // A convolution and its activation are one layer there: `RDB1.conv1.0.weight`.
                                let mut parts = rest.split('.');
                                let (dense, conv) = (parts.next()?, parts.next()?);
                                let (dense, last) = (dense.strip_prefix("RDB")?, parts.next_back()?);
                                Some(format!("body.{block}.rdb{dense}.{conv}.{last}"))
                            }
                        }
                    }
                    number => {
                        let at = layers.iter().position(|layer| *layer == number)?;
                        Some(match layers.len() - at {
                            1 => format!("conv_last.{rest}"),
                            2 => format!("conv_hr.{rest}"),
                            _ => format!("conv_up{}.{rest}", at + 1),
                        })
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(names: &[&str]) -> Vec<String> {
        let shapes: Shapes = names.iter().map(|name| ((*name).to_owned(), vec![1])).collect();
        let by = Names::of(&shapes);
        names.iter().filter_map(|name| by.rename(name)).collect()
    }

    #[test]
    fn the_names_of_every_version_become_those_of_basicsr() {
        let first = [
            "model.0.weight",
            "model.1.sub.0.RDB1.conv1.0.weight",
            "model.1.sub.1.RDB3.conv5.0.bias",
            "model.1.sub.2.bias",
            "model.3.weight",
            "model.6.weight",
            "model.8.weight",
            "model.10.bias",
        ];
        let second = [
            "conv_first.weight",
            "RRDB_trunk.0.RDB1.conv1.weight",
            "RRDB_trunk.1.RDB3.conv5.bias",
            "trunk_conv.bias",
            "upconv1.weight",
            "upconv2.weight",
            "HRconv.weight",
            "conv_last.bias",
        ];
        let ours = [
            "conv_first.weight",
            "body.0.rdb1.conv1.weight",
            "body.1.rdb3.conv5.bias",
            "conv_body.bias",
            "conv_up1.weight",
            "conv_up2.weight",
            "conv_hr.weight",
            "conv_last.bias",
        ];
        for names in [first, second, ours] {
            assert_eq!(renamed(&names), ours);
        }
    }

    #[test]
    fn what_does_not_run_here_is_said() {
        let shapes = |pairs: &[(&str, &[usize])]| -> Shapes {
            pairs.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect()
        };
        let says = |pairs: &[(&str, &[usize])], text: &str| {
            let error = config_of(&shapes(pairs)).expect_err(text);
            assert!(error.contains(text), "{error}");
        };
        says(&[("layers.0.residual_group.blocks.0.norm1.weight", &[180])], "of a kind that does not run here");
        says(&[("conv_first.weight", &[64, 3, 3, 3]), ("body.0.rdb1.conv1.weight", &[32, 64, 3, 3])], "incomplete");
        let plus = ("body.0.rdb1.conv1x1.weight", &[32, 64, 1, 1][..]);
        says(&[("conv_first.weight", &[64, 3, 3, 3]), ("body.0.rdb1.conv1.weight", &[32, 64, 3, 3]), plus], "ESRGAN+");
    }
}
