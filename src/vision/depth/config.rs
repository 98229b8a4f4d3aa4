//! What shapes the network: most of it is in the shapes of its tensors, the rest in `config.json`.

use std::path::Path;

use serde::Deserialize;

/// Numbers in a head of attention, in every published DINOv2.
const HEAD_WIDTH: usize = 64;
/// After which layers of a backbone features are taken where no config says so: of so many layers, after these.
const USUAL_OUTPUTS: [(usize, [usize; 4]); 2] = [(12, [3, 6, 9, 12]), (24, [5, 12, 18, 24])];
/// The most layers that a backbone may have.
const MOST_LAYERS: usize = 64;

/// The sizes of a depth network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DepthConfig {
    /// Numbers in a patch's vector.
    pub width: usize,
    /// Heads of attention.
    pub heads: usize,
    /// Layers of the backbone.
    pub layers: usize,
    /// Numbers between the two linear layers of a block.
    pub hidden: usize,
    /// The side of a patch in pixels.
    pub patch: usize,
    /// The side of the square grid of patches that the network was trained with.
    pub grid: usize,
    /// After which layers features are taken, counted from 1.
    pub outputs: [usize; 4],
    /// Channels of the features of each level.
    pub channels: [usize; 4],
    /// Channels of the fused features.
    pub fused: usize,
    /// Channels before the last convolution.
    pub last: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConfigFile {
    backbone_config: BackboneConfig,
    depth_estimation_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BackboneConfig {
    num_attention_heads: Option<usize>,
    out_indices: Option<Vec<usize>>,
}

impl DepthConfig {
    /// Reads the sizes off the shapes of a file's tensors, by transformers' names, and off a config.
    ///
    /// # Errors
    /// Why there is no such network, as the end of a sentence that begins with the file's name.
    pub fn of(shape: &dyn Fn(&str) -> Option<Vec<usize>>, config: Option<&Path>) -> Result<Self, String> {
        let missing = |name: &str| format!("has no {name} of a depth model");
        let dimensions = |name: &str| shape(name).ok_or_else(|| missing(name));
        let [.., patches, width] = dimensions("backbone.embeddings.position_embeddings")?[..] else {
            return Err("has positions of no known shape".into());
        };
        let [_, 3, patch, _] = dimensions("backbone.embeddings.patch_embeddings.projection.weight")?[..] else {
            return Err("has patches of no known shape".into());
        };
        let layer = |layer: usize| shape(&format!("backbone.encoder.layer.{layer}.norm1.weight")).is_some();
        let layers = (0..MOST_LAYERS).take_while(|number| layer(*number)).count();
        let [hidden, _] = dimensions("backbone.encoder.layer.0.mlp.fc1.weight")?[..] else {
            return Err("has layers of no known shape".into());
        };
        let grid = patches.saturating_sub(1).isqrt();
        if grid == 0 || grid * grid + 1 != patches || patch == 0 || width == 0 {
            return Err(format!("has {patches} positions, which are no square of patches and one"));
        }
        let channel = |level: usize| {
            let name = format!("neck.reassemble_stage.layers.{level}.projection.weight");
            dimensions(&name)?.first().copied().ok_or_else(|| missing(&name))
        };
        let first = |name: &str| dimensions(name)?.first().copied().ok_or_else(|| missing(name));
        let file = match config {
            Some(path) => read(path)?,
            None => ConfigFile::default(),
        };
        if file.depth_estimation_type.is_some_and(|kind| kind != "relative") {
            return Err("estimates depth in metres, which control networks do not take".into());
        }
        let heads = file.backbone_config.num_attention_heads.unwrap_or(width / HEAD_WIDTH);
        if heads == 0 || width % heads != 0 {
            return Err(format!("has vectors of {width} numbers, which {heads} heads cannot share"));
        }
        let usual = || USUAL_OUTPUTS.iter().find(|(of, _)| *of == layers).map(|(_, outputs)| outputs.to_vec());
        let outputs = file.backbone_config.out_indices.or_else(usual).unwrap_or_default();
        let outputs: [usize; 4] = outputs
            .try_into()
            .ok()
            .filter(|outputs: &[usize; 4]| outputs.is_sorted() && outputs.iter().all(|at| (1..=layers).contains(at)))
            .ok_or_else(|| format!("has {layers} layers, and which of them count is not known"))?;
        Ok(Self {
            width,
            heads,
            layers,
            hidden,
            patch,
            grid,
            outputs,
            channels: [channel(0)?, channel(1)?, channel(2)?, channel(3)?],
            fused: first("neck.convs.0.weight")?,
            last: first("head.conv2.weight")?,
        })
    }

    /// The side of the square pictures that it was trained with, in pixels.
    pub fn side(&self) -> usize {
        self.grid * self.patch
    }
}

fn read(path: &Path) -> Result<ConfigFile, String> {
    let unusable = |reason: String| format!("has a config.json beside it that cannot be used ({reason})");
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))
}
