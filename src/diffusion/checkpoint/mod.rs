//! Whole models in one file with the original names: `.safetensors`, and `.ckpt` without ever
//! executing its pickle.
//!
//! The file says nothing about the model's shape, so the configs that a folder would bring are read
//! off the names and shapes of its tensors.

mod names;
mod pickle;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use candle_core::Tensor;
use candle_core::pickle::PthTensors;
use serde_json::{Value, json};

use super::Error;
use super::error::first_line;
use super::tensor_file::TensorFile;
use names::Part;

const UNET: &str = "model.diffusion_model.";
const AUTOENCODER: &str = "first_stage_model.";
const CLIP: &str = "cond_stage_model.transformer.";
const OPEN_CLIP: &str = "cond_stage_model.model.";

/// Where one tensor of the model comes from.
struct Origin {
    name: String,
    part: Part,
    shape: Vec<usize>,
}

/// An opened file: what it holds is known, the numbers are still in it.
pub(super) struct Checkpoint {
    path: PathBuf,
    store: Store,
    /// For `unet`, `vae` and `text_encoder`: diffusers' name to origin.
    parts: BTreeMap<&'static str, BTreeMap<String, Origin>>,
    open_clip: bool,
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

/// A file of named tensors of either kind.
pub(super) enum Store {
    Safetensors(TensorFile),
    Pickle(PthTensors),
}

impl Checkpoint {
    /// Reads names and shapes.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, or holds no Stable Diffusion 1.x or 2.x model.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let store = Store::open(path)?;
        let shapes = store.shapes();
        let unsupported = |text: &str| Error::Unsupported(text.to_owned());
        if shapes.keys().any(|name| name.starts_with("conditioner.embedders.")) {
            return Err(unsupported("it is an SDXL checkpoint"));
        }
        let layers = shapes
            .keys()
            .filter_map(|name| name.strip_prefix(UNET)?.strip_prefix("input_blocks.")?.strip_suffix(".0.op.weight"))
            .filter_map(|index| index.parse::<usize>().ok())
            .min()
            .and_then(|first| first.checked_sub(1))
            .filter(|layers| (1..=8).contains(layers));
        let Some(layers) = layers else {
            return Err(malformed(path, "it holds no UNet under the original names (model.diffusion_model…)"));
        };
        let levels = (0..16)
            .take_while(|level| shapes.contains_key(&format!("{AUTOENCODER}encoder.down.{level}.block.0.conv1.weight")))
            .count();
        if levels == 0 {
            return Err(malformed(path, "it holds no autoencoder under the original names (first_stage_model…)"));
        }
        let mut parts: BTreeMap<&'static str, BTreeMap<String, Origin>> = BTreeMap::new();
        let mut open_clip = false;
        for (name, shape) in &shapes {
            let whole = |ours: Option<String>| ours.map(|ours| (ours, Part::Whole)).into_iter().collect();
            let (part, ours): (_, Vec<(String, Part)>) = if let Some(name) = name.strip_prefix(UNET) {
                ("unet", whole(names::unet(name, layers)))
            } else if let Some(name) = name.strip_prefix(AUTOENCODER) {
                ("vae", whole(names::autoencoder(name, levels)))
            } else if let Some(name) = name.strip_prefix(OPEN_CLIP) {
                open_clip = true;
                ("text_encoder", names::open_clip(name))
            } else if let Some(name) = name.strip_prefix(CLIP) {
                // The oldest files leave the level `text_model` out.
                let name = if name.starts_with("text_model.") { name.to_owned() } else { format!("text_model.{name}") };
                ("text_encoder", whole(Some(name)))
            } else {
                continue;
            };
            for (ours, piece) in ours {
                let origin = Origin { name: name.clone(), part: piece, shape: shape.clone() };
                parts.entry(part).or_default().insert(ours, origin);
            }
        }
        if !parts.contains_key("text_encoder") {
            return Err(malformed(path, "it holds no text encoder under the original names (cond_stage_model…)"));
        }
        Ok(Self { path: path.to_path_buf(), store, parts, open_clip })
    }

    /// Reads names and shapes of a file that holds an autoencoder alone, under the original names, with
    /// or without `first_stage_model.` before them, or under diffusers'; full or tiny.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, or holds no autoencoder.
    pub fn open_autoencoder(path: &Path) -> Result<Self, Error> {
        let store = Store::open(path)?;
        let mut names: BTreeMap<String, Origin> = BTreeMap::new();
        let shapes = store.shapes();
        let prefix = if shapes.keys().any(|name| name.starts_with(AUTOENCODER)) { AUTOENCODER } else { "" };
        let level = |level: usize| format!("{prefix}encoder.down.{level}.block.0.conv1.weight");
        let levels = (0..16).take_while(|i| shapes.contains_key(&level(*i))).count();
        for (name, shape) in shapes {
            let Some(inner) = name.strip_prefix(prefix) else { continue };
            let ours = if levels > 0 { names::autoencoder(inner, levels) } else { Some(inner.to_owned()) };
            if let Some(ours) = ours {
                names.insert(ours, Origin { name, part: Part::Whole, shape });
            }
        }
        let whole = ["encoder.conv_in.weight", "encoder.layers.0.weight"].iter().any(|name| names.contains_key(*name))
            && ["decoder.conv_in.weight", "decoder.layers.0.weight"].iter().any(|name| names.contains_key(*name));
        if !whole {
            return Err(malformed(path, "it holds no autoencoder with both its encoder and its decoder"));
        }
        Ok(Self { path: path.to_path_buf(), store, parts: BTreeMap::from([("vae", names)]), open_clip: false })
    }

    /// Whether only a trial can tell what its UNet predicts: 2.x comes both ways under one set of
    /// names, 1.x predicts the noise.
    pub fn prediction_is_unknown(&self) -> bool {
        self.open_clip
    }

    /// The config file that a folder with this model would have.
    pub fn config(&self, inside: &str) -> Option<Value> {
        match inside {
            "unet/config.json" => Some(self.unet_config()),
            "vae/config.json" => Some(self.autoencoder_config()),
            "text_encoder/config.json" => Some(self.text_config()),
            // 2.x fills short prompts up with exclamation marks.
            "tokenizer/special_tokens_map.json" if self.open_clip => Some(json!({"pad_token": "!"})),
            _ => None,
        }
    }

    /// How many numbers a part's tensors hold.
    pub fn numbers(&self, part: &str) -> u64 {
        let origins = self.parts.get(part).into_iter().flat_map(BTreeMap::values);
        origins.map(|origin| origin.shape.iter().product::<usize>() as u64).sum()
    }

    /// Whether a part has a tensor under this name of diffusers'.
    pub fn has(&self, part: &str, name: &str) -> bool {
        self.shape(part, name).is_some()
    }

    /// A part's tensor under diffusers' name; `None` when there is none.
    pub fn read(&self, part: &str, name: &str) -> Result<Option<Tensor>, Error> {
        let Some(origin) = self.parts.get(part).and_then(|tensors| tensors.get(name)) else { return Ok(None) };
        let Some(mut tensor) = self.store.read(&self.path, &origin.name)? else { return Ok(None) };
        if let Part::Third(index) = origin.part {
            let rows = tensor.dim(0)? / 3;
            tensor = tensor.narrow(0, index * rows, rows)?.contiguous()?;
        }
        // The original autoencoder attends with 1×1 convolutions.
        if part == "vae" && name.contains(".attentions.") && tensor.rank() == 4 {
            tensor = tensor.flatten_from(1)?;
        }
        Ok(Some(tensor))
    }

    fn shape(&self, part: &str, name: &str) -> Option<&[usize]> {
        Some(self.parts.get(part)?.get(name)?.shape.as_slice())
    }

    /// A dimension of a tensor; 0, which no config check lets pass, where there is none.
    fn size(&self, part: &str, name: &str, dimension: usize) -> usize {
        self.shape(part, name).and_then(|shape| shape.get(dimension)).copied().unwrap_or(0)
    }

    fn count(&self, part: &str, name: impl Fn(usize) -> String) -> usize {
        (0..1000).take_while(|i| self.shape(part, &name(*i)).is_some()).count()
    }

    fn unet_config(&self) -> Value {
        let levels = self.count("unet", |i| format!("down_blocks.{i}.resnets.0.conv1.weight"));
        let size = |name: String| self.size("unet", &name, 0);
        let widths: Vec<usize> = (0..levels).map(|i| size(format!("down_blocks.{i}.resnets.0.conv1.weight"))).collect();
        let kinds = |way: &str, word: &str| -> Vec<String> {
            let attends =
                |i: usize| self.shape("unet", &format!("{way}_blocks.{i}.attentions.0.norm.weight")).is_some();
            (0..levels)
                .map(|i| if attends(i) { format!("CrossAttn{word}Block2D") } else { format!("{word}Block2D") })
                .collect()
        };
        let block = "attentions.0.transformer_blocks.0";
        let context = self.parts["unet"].iter().find(|(name, _)| name.ends_with(&format!("{block}.attn2.to_k.weight")));
        let context = context.and_then(|(_, origin)| origin.shape.get(1)).copied().unwrap_or(0);
        let linear = self.parts["unet"]
            .iter()
            .any(|(name, origin)| name.ends_with("attentions.0.proj_in.weight") && origin.shape.len() == 2);
        // 1.x splits every width into eight heads, 2.x into heads of 64.
        let heads: Vec<usize> = widths.iter().map(|w| if self.open_clip { (w / 64).max(1) } else { 8 }).collect();
        json!({
            "in_channels": self.size("unet", "conv_in.weight", 1),
            "out_channels": self.size("unet", "conv_out.weight", 0),
            "block_out_channels": widths,
            "down_block_types": kinds("down", "Down"),
            "up_block_types": kinds("up", "Up"),
            "mid_block_type": self.shape("unet", "mid_block.resnets.0.conv1.weight").map(|_| "UNetMidBlock2DCrossAttn"),
            "layers_per_block": self.count("unet", |i| format!("down_blocks.0.resnets.{i}.conv1.weight")),
            "attention_head_dim": heads,
            "cross_attention_dim": context,
            "use_linear_projection": linear,
        })
    }

    fn autoencoder_config(&self) -> Value {
        if self.shape("vae", "decoder.layers.0.weight").is_some() {
            return self.tiny_config();
        }
        let levels = self.count("vae", |i| format!("encoder.down_blocks.{i}.resnets.0.conv1.weight"));
        let width = |i: usize| self.size("vae", &format!("encoder.down_blocks.{i}.resnets.0.conv1.weight"), 0);
        json!({
            "block_out_channels": (0..levels).map(width).collect::<Vec<_>>(),
            "layers_per_block": self.count("vae", |i| format!("encoder.down_blocks.0.resnets.{i}.conv1.weight")),
            "latent_channels": self.size("vae", "post_quant_conv.weight", 0),
            "mid_block_add_attention": self.shape("vae", "encoder.mid_block.attentions.0.to_q.weight").is_some(),
        })
    }

    /// The small kind is published in one shape; widths and latent may differ.
    fn tiny_config(&self) -> Value {
        let wide = |name: &str| vec![self.size("vae", name, 0); 4];
        json!({
            "_class_name": "AutoencoderTiny",
            "latent_channels": self.size("vae", "decoder.layers.0.weight", 1),
            "encoder_block_out_channels": wide("encoder.layers.0.weight"),
            "decoder_block_out_channels": wide("decoder.layers.0.weight"),
        })
    }

    fn text_config(&self) -> Value {
        let embedding = "text_model.embeddings.token_embedding.weight";
        let width = self.size("text_encoder", embedding, 1);
        let layers = self.count("text_encoder", |i| format!("text_model.encoder.layers.{i}.mlp.fc1.weight"));
        json!({
            "vocab_size": self.size("text_encoder", embedding, 0),
            "hidden_size": width,
            "intermediate_size": self.size("text_encoder", "text_model.encoder.layers.0.mlp.fc1.weight", 0),
            // 2.x reads the layer before the last.
            "num_hidden_layers": if self.open_clip { layers.saturating_sub(1) } else { layers },
            "num_attention_heads": (width / 64).max(1),
            "max_position_embeddings": self.size("text_encoder", "text_model.embeddings.position_embedding.weight", 0),
            "hidden_act": if self.open_clip { "gelu" } else { "quick_gelu" },
        })
    }
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

fn malformed(path: &Path, reason: impl Into<String>) -> Error {
    Error::Malformed { path: path.to_path_buf(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use candle_core::{DType, Device};

    use super::*;
    use crate::diffusion::{Cancel, Engine, Event, Job, ModelChoice, Settings};

    type Shapes = BTreeMap<String, Vec<usize>>;

    fn pair(shapes: &mut Shapes, name: String, weight: &[usize]) {
        shapes.insert(format!("{name}.bias"), vec![weight[0]]);
        shapes.insert(format!("{name}.weight"), weight.to_vec());
    }

    fn resnet(shapes: &mut Shapes, name: &str, from: usize, to: usize) {
        pair(shapes, format!("{name}.in_layers.0"), &[from]);
        pair(shapes, format!("{name}.in_layers.2"), &[to, from, 3, 3]);
        pair(shapes, format!("{name}.emb_layers.1"), &[to, 128]);
        pair(shapes, format!("{name}.out_layers.0"), &[to]);
        pair(shapes, format!("{name}.out_layers.3"), &[to, to, 3, 3]);
        if from != to {
            pair(shapes, format!("{name}.skip_connection"), &[to, from, 1, 1]);
        }
    }

    fn transformer(shapes: &mut Shapes, name: &str, width: usize, linear: bool) {
        pair(shapes, format!("{name}.norm"), &[width]);
        for projection in ["proj_in", "proj_out"] {
            let shape: &[usize] = if linear { &[width, width] } else { &[width, width, 1, 1] };
            pair(shapes, format!("{name}.{projection}"), shape);
        }
        let block = format!("{name}.transformer_blocks.0");
        for norm in 1..=3 {
            pair(shapes, format!("{block}.norm{norm}"), &[width]);
        }
        for (attention, source) in [("attn1", width), ("attn2", 64)] {
            shapes.insert(format!("{block}.{attention}.to_q.weight"), vec![width, width]);
            shapes.insert(format!("{block}.{attention}.to_k.weight"), vec![width, source]);
            shapes.insert(format!("{block}.{attention}.to_v.weight"), vec![width, source]);
            pair(shapes, format!("{block}.{attention}.to_out.0"), &[width, width]);
        }
        pair(shapes, format!("{block}.ff.net.0.proj"), &[8 * width, width]);
        pair(shapes, format!("{block}.ff.net.2"), &[width, 4 * width]);
    }

    /// Two levels (32 and 64 wide, the second with attention), one residual block each.
    fn unet(linear: bool) -> Shapes {
        let mut s = Shapes::new();
        pair(&mut s, "time_embed.0".into(), &[128, 32]);
        pair(&mut s, "time_embed.2".into(), &[128, 128]);
        pair(&mut s, "input_blocks.0.0".into(), &[32, 4, 3, 3]);
        resnet(&mut s, "input_blocks.1.0", 32, 32);
        pair(&mut s, "input_blocks.2.0.op".into(), &[32, 32, 3, 3]);
        resnet(&mut s, "input_blocks.3.0", 32, 64);
        transformer(&mut s, "input_blocks.3.1", 64, linear);
        resnet(&mut s, "middle_block.0", 64, 64);
        transformer(&mut s, "middle_block.1", 64, linear);
        resnet(&mut s, "middle_block.2", 64, 64);
        resnet(&mut s, "output_blocks.0.0", 128, 64);
        transformer(&mut s, "output_blocks.0.1", 64, linear);
        resnet(&mut s, "output_blocks.1.0", 96, 64);
        transformer(&mut s, "output_blocks.1.1", 64, linear);
        pair(&mut s, "output_blocks.1.2.conv".into(), &[64, 64, 3, 3]);
        resnet(&mut s, "output_blocks.2.0", 96, 32);
        resnet(&mut s, "output_blocks.3.0", 64, 32);
        pair(&mut s, "out.0".into(), &[32]);
        pair(&mut s, "out.2".into(), &[4, 32, 3, 3]);
        s
    }

    /// Two levels of 32, so it divides by 2.
    fn autoencoder() -> Shapes {
        let mut s = Shapes::new();
        pair(&mut s, "quant_conv".into(), &[8, 8, 1, 1]);
        pair(&mut s, "post_quant_conv".into(), &[4, 4, 1, 1]);
        for (half, way, first, last, blocks) in [("encoder", "down", 3, 8, 1), ("decoder", "up", 4, 3, 2)] {
            pair(&mut s, format!("{half}.conv_in"), &[32, first, 3, 3]);
            pair(&mut s, format!("{half}.conv_out"), &[last, 32, 3, 3]);
            pair(&mut s, format!("{half}.norm_out"), &[32]);
            let places = (0..2).flat_map(|level| (0..blocks).map(move |b| format!("{half}.{way}.{level}.block.{b}")));
            for block in places.chain([format!("{half}.mid.block_1"), format!("{half}.mid.block_2")]) {
                for i in 1..=2 {
                    pair(&mut s, format!("{block}.norm{i}"), &[32]);
                    pair(&mut s, format!("{block}.conv{i}"), &[32, 32, 3, 3]);
                }
            }
            pair(&mut s, format!("{half}.mid.attn_1.norm"), &[32]);
            for part in ["q", "k", "v", "proj_out"] {
                pair(&mut s, format!("{half}.mid.attn_1.{part}"), &[32, 32, 1, 1]);
            }
            let sampled = if half == "encoder" { 0 } else { 1 };
            pair(&mut s, format!("{half}.{way}.{sampled}.{way}sample.conv"), &[32, 32, 3, 3]);
        }
        s
    }

    fn clip() -> Shapes {
        let mut s = Shapes::from([
            ("text_model.embeddings.token_embedding.weight".into(), vec![49408, 64]),
            ("text_model.embeddings.position_embedding.weight".into(), vec![77, 64]),
        ]);
        pair(&mut s, "text_model.final_layer_norm".into(), &[64]);
        let layer = "text_model.encoder.layers.0";
        for norm in 1..=2 {
            pair(&mut s, format!("{layer}.layer_norm{norm}"), &[64]);
        }
        for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            pair(&mut s, format!("{layer}.self_attn.{part}"), &[64, 64]);
        }
        pair(&mut s, format!("{layer}.mlp.fc1"), &[256, 64]);
        pair(&mut s, format!("{layer}.mlp.fc2"), &[64, 256]);
        s
    }

    fn open_clip() -> Shapes {
        let mut s = Shapes::from([
            ("token_embedding.weight".into(), vec![49408, 64]),
            ("positional_embedding".into(), vec![77, 64]),
        ]);
        pair(&mut s, "ln_final".into(), &[64]);
        for block in ["transformer.resblocks.0", "transformer.resblocks.1"] {
            s.insert(format!("{block}.attn.in_proj_weight"), vec![192, 64]);
            s.insert(format!("{block}.attn.in_proj_bias"), vec![192]);
            pair(&mut s, format!("{block}.attn.out_proj"), &[64, 64]);
            pair(&mut s, format!("{block}.ln_1"), &[64]);
            pair(&mut s, format!("{block}.ln_2"), &[64]);
            pair(&mut s, format!("{block}.mlp.c_fc"), &[256, 64]);
            pair(&mut s, format!("{block}.mlp.c_proj"), &[64, 256]);
        }
        s
    }

    /// A whole small model with random weights in one f16 file.
    fn write(path: &Path, parts: &[(&str, Shapes)]) {
        let mut state = 1u32;
        let mut tensors = HashMap::new();
        for (prefix, shapes) in parts {
            for (name, shape) in shapes {
                let count: usize = shape.iter().product();
                let spread = 1.0 / (shape.iter().skip(1).product::<usize>() as f32).sqrt();
                let mut next = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) as f32 / (1 << 23) as f32 - 1.0
                };
                let values: Vec<f32> = (0..count).map(|_| next() * spread).collect();
                let tensor =
                    Tensor::from_vec(values, shape.as_slice(), &Device::Cpu).and_then(|t| t.to_dtype(DType::F16));
                tensors.insert(format!("{prefix}{name}"), tensor.expect("tensor"));
            }
        }
        candle_core::safetensors::save(&tensors, path).expect("writes");
    }

    fn run(engine: &mut Engine, path: &Path) -> Result<image::RgbImage, Error> {
        let settings = Settings { width: 64, height: 64, steps: 2, batch: 1, seed: 5, ..Settings::default() };
        let mut made = None;
        let job = Job { settings, init: None };
        engine.run(&ModelChoice::Path(path.into()), &job, &Cancel::default(), &mut |event| {
            if let Event::Made(picture) = event {
                made = Some(picture.picture);
            }
        })?;
        Ok(made.expect("one picture"))
    }

    #[test]
    fn both_generations_load_by_name_and_shape_and_run() {
        let folder = tempfile::tempdir().expect("folder");
        let mut engine = Engine::default();
        for (name, text, prefix, linear) in [("one", clip(), CLIP, false), ("two", open_clip(), OPEN_CLIP, true)] {
            let path = folder.path().join(format!("{name}.safetensors"));
            write(&path, &[(UNET, unet(linear)), (AUTOENCODER, autoencoder()), (prefix, text)]);
            let picture = run(&mut engine, &path).expect(name);
            assert_eq!(picture.dimensions(), (64, 64));
            assert!(picture.pixels().any(|p| p != picture.get_pixel(0, 0)), "{name} is one colour");
        }
    }

    #[test]
    fn another_autoencoder_is_read_from_a_file_of_its_own_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name);
        write(&at("model.safetensors"), &[(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
        write(&at("with.safetensors"), &[(AUTOENCODER, autoencoder())]);
        write(&at("bare.safetensors"), &[("", autoencoder())]);
        let mut halved = autoencoder();
        halved.retain(|name, _| !name.starts_with("encoder."));
        write(&at("half.safetensors"), &[("", halved)]);
        let mut engine = Engine::default();
        let mut picture = |vae: Option<&str>| {
            let vae = vae.map(at);
            let settings = Settings { width: 64, height: 64, steps: 2, batch: 1, seed: 5, vae, ..Settings::default() };
            let (mut made, job) = (None, Job { settings, init: None });
            let choice = ModelChoice::Path(at("model.safetensors"));
            engine.run(&choice, &job, &Cancel::default(), &mut |event| {
                if let Event::Made(picture) = event {
                    made = Some(picture.picture);
                }
            })?;
            Ok::<_, Error>(made.expect("one picture"))
        };
        let own = picture(None).expect("runs");
        let other = picture(Some("with.safetensors")).expect("runs");
        assert_ne!(own, other);
        assert_eq!(other, picture(Some("bare.safetensors")).expect("runs"));
        assert_eq!(own, picture(None).expect("runs"));
        for (name, word) in [("half.safetensors", "no autoencoder with both"), ("none.safetensors", "none.safetensors")]
        {
            let text = picture(Some(name)).map(|_| ()).expect_err("refused").to_string();
            assert!(text.contains(word), "{text}");
        }
        assert_eq!(own, picture(None).expect("still runs"));
    }

    #[test]
    fn what_is_missing_or_cut_is_said_in_a_sentence() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("broken.safetensors");
        let mut engine = Engine::default();
        let mut sentence = |parts: &[(&str, Shapes)]| {
            write(&path, parts);
            run(&mut engine, &path).map(|_| ()).expect_err("refused").to_string()
        };
        let whole = [(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())];
        assert!(sentence(&whole[1..]).contains("no UNet"));
        assert!(sentence(&[whole[0].clone(), whole[2].clone()]).contains("no autoencoder"));
        assert!(sentence(&whole[..2]).contains("no text encoder"));
        let mut holed = unet(false);
        holed.remove("middle_block.1.norm.weight");
        let text = sentence(&[(UNET, holed), whole[1].clone(), whole[2].clone()]);
        assert!(text.contains("mid_block.attentions.0.norm.weight"), "{text}");
        let sdxl = sentence(&[("conditioner.embedders.0.", clip())]);
        assert!(sdxl.contains("SDXL"), "{sdxl}");

        write(&path, &whole);
        let bytes = std::fs::read(&path).expect("reads");
        for (length, word) in [(0, "cut short"), (7, "cut short"), (1000, "cut short"), (bytes.len() - 1, "cut short")]
        {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let text = run(&mut engine, &path).map(|_| ()).expect_err("refused").to_string();
            assert!(text.contains(word), "{length}: {text}");
        }
        std::fs::write(&path, b"<!doctype html><p>Not Found").expect("writes");
        let text = run(&mut engine, &path).map(|_| ()).expect_err("refused").to_string();
        assert!(text.contains("neither a safetensors file nor a .ckpt"), "{text}");
    }

    /// Thousands of files with a few wrong bytes each: refused or read, never a panic.
    #[test]
    fn damaged_files_never_panic() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("damaged");
        let small = Shapes::from([(format!("{UNET}input_blocks.2.0.op.weight"), vec![2, 2])]);
        let whole = folder.path().join("whole.safetensors");
        write(&whole, &[("", small)]);
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/small.ckpt");
        let mut state = 7u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for file in [whole, fixture] {
            let bytes = std::fs::read(&file).expect("reads");
            for _ in 0..1500 {
                let mut bytes = bytes.clone();
                for _ in 0..1 + next(4) {
                    let at = next(bytes.len());
                    bytes[at] = next(256) as u8;
                }
                if next(4) == 0 {
                    bytes.truncate(next(bytes.len()));
                }
                std::fs::write(&path, &bytes).expect("writes");
                if let Ok(store) = Store::open(&path) {
                    for name in store.shapes().keys() {
                        let _ = store.read(&path, name);
                    }
                }
            }
        }
    }
}
