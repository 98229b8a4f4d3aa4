//! LoRA files: small changes to a model's weights (Hu et al. 2021).
//!
//! A file holds, for some layers, two thin matrices; their product, scaled, is added to the layer's
//! weight as the model is loaded. A model without it is loaded anew, so what stays behind is nothing.
//! Both kinds of names are read: kohya's (`lora_unet_…lora_down`) and diffusers' (`unet.….lora_A`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};

use crate::engine::Error;

/// A LoRA that a prompt asks for, as `<lora:name:0.8>`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct Wanted {
    pub name: String,
    /// How strongly it counts; negative turns it around.
    pub weight: f32,
}

/// The prompt without its LoRA tags, and what they ask for; a tag without a number counts 1.
pub(in crate::diffusion) fn take_tags(prompt: &str) -> (String, Vec<Wanted>) {
    const OPEN: &str = "<lora:";
    let (mut text, mut wanted, mut rest) = (String::new(), Vec::new(), prompt);
    while let Some(at) = rest.find(OPEN) {
        let Some(end) = rest[at..].find('>') else { break };
        let inside = &rest[at + OPEN.len()..at + end];
        let mut fields = inside.split(':');
        let name = fields.next().unwrap_or_default().trim();
        let weight = fields.next().map_or(Some(1.0), |w| w.trim().parse::<f32>().ok()).filter(|w| w.is_finite());
        match weight {
            Some(weight) if !name.is_empty() => {
                text.push_str(&rest[..at]);
                wanted.push(Wanted { name: name.to_owned(), weight });
            }
            // Not a tag after all: it stays text.
            _ => text.push_str(&rest[..=at + end]),
        }
        rest = &rest[at + end + 1..];
    }
    text.push_str(rest);
    (text.trim().to_owned(), wanted)
}

/// The two matrices of one layer.
#[derive(Default)]
struct Pair {
    down: Option<Tensor>,
    up: Option<Tensor>,
    alpha: Option<f32>,
}

/// A LoRA file, read.
pub(in crate::diffusion) struct Lora {
    path: PathBuf,
    /// By layer, dots and underscores alike: `unet_down_blocks_0_…`.
    layers: HashMap<String, Pair>,
    weight: f32,
}

impl Lora {
    /// Finds and reads the file: a path, or a name inside `folder`.
    ///
    /// # Errors
    /// No such file, a damaged one, or a kind of LoRA that is not known.
    pub fn open(wanted: &Wanted, folder: Option<&Path>) -> Result<Self, Error> {
        let path = find(&wanted.name, folder)?;
        let malformed = |reason: String| Error::Malformed { path: path.clone(), reason };
        let bytes = std::fs::read(&path).map_err(|source| Error::Unreadable { path: path.clone(), source })?;
        let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
            .map_err(|e| malformed(format!("it cannot be read as safetensors ({e})")))?;
        let mut layers: HashMap<String, Pair> = HashMap::new();
        for (name, tensor) in tensors {
            let Some((layer, role)) = split(&name) else {
                return Err(malformed(format!("it holds {name}, which no known kind of LoRA does")));
            };
            let pair = layers.entry(layer).or_default();
            match role {
                Role::Down => pair.down = Some(tensor),
                Role::Up => pair.up = Some(tensor),
                Role::Alpha => pair.alpha = Some(tensor.to_dtype(DType::F32)?.flatten_all()?.mean_all()?.to_scalar()?),
            }
        }
        Ok(Self { path, layers, weight: wanted.weight })
    }

    /// Whether the file changes the tensor `name` of a part (`unet` or `text_encoder`, diffusers' names).
    pub fn changes(&self, part: &str, name: &str) -> bool {
        let Some(layer) = name.strip_suffix(".weight") else { return false };
        self.layers.contains_key(&format!("{part}_{layer}").replace('.', "_"))
    }

    /// What becomes of the tensor `name` of a part (`unet` or `text_encoder`, diffusers' names), as
    /// f32; `None` when the file does not change it.
    ///
    /// # Errors
    /// Matrices that do not fit the layer they name.
    pub fn changed(&self, part: &str, name: &str, weight: &Tensor) -> Result<Option<Tensor>, Error> {
        let Some(layer) = name.strip_suffix(".weight") else { return Ok(None) };
        let key = format!("{part}_{layer}").replace('.', "_");
        let Some(Pair { down: Some(down), up: Some(up), alpha }) = self.layers.get(&key) else { return Ok(None) };
        let flat = |t: &Tensor| t.to_dtype(DType::F32)?.flatten_from(1);
        let (down, up) = (flat(down)?, flat(up)?);
        let rank = down.dim(0)?;
        if up.dim(1)? != rank || up.dim(0)? * down.dim(1)? != weight.elem_count() || up.dim(0)? != weight.dim(0)? {
            return Err(Error::Malformed {
                path: self.path.clone(),
                reason: format!("its change to {layer} does not fit this model"),
            });
        }
        let scale = f64::from(self.weight) * alpha.map_or(1.0, |alpha| f64::from(alpha) / rank as f64);
        let change = (up.matmul(&down)? * scale)?.reshape(weight.shape())?;
        Ok(Some((weight.to_dtype(DType::F32)? + change)?))
    }

    /// What to say when it changed nothing.
    pub fn fits_nothing(&self) -> Error {
        Error::Malformed { path: self.path.clone(), reason: "none of its layers is in this model".into() }
    }
}

fn find(name: &str, folder: Option<&Path>) -> Result<PathBuf, Error> {
    let plain = PathBuf::from(name);
    if plain.is_file() {
        return Ok(plain);
    }
    let inside = folder.map(|folder| folder.join(format!("{name}.safetensors")));
    match inside {
        Some(path) if path.is_file() => Ok(path),
        other => Err(Error::Missing { what: "LoRA of this name", path: other.unwrap_or(plain) }),
    }
}

enum Role {
    Down,
    Up,
    Alpha,
}

/// A tensor's layer, as `unet_…` or `text_encoder_…` with underscores alone, and its role there.
fn split(name: &str) -> Option<(String, Role)> {
    let ends = [
        (".lora_down.weight", Role::Down),
        (".lora_up.weight", Role::Up),
        (".alpha", Role::Alpha),
        (".lora_A.weight", Role::Down),
        (".lora_B.weight", Role::Up),
        (".lora_linear_layer.down.weight", Role::Down),
        (".lora_linear_layer.up.weight", Role::Up),
        ("_lora.down.weight", Role::Down),
        ("_lora.up.weight", Role::Up),
    ];
    let (layer, role) = ends.into_iter().find_map(|(end, role)| Some((name.strip_suffix(end)?, role)))?;
    // An early diffusers release put its matrices under `processor`, and the output has an index.
    let layer = layer.replace(".processor.", ".").replace('.', "_");
    let layer = if layer.ends_with("_to_out") { format!("{layer}_0") } else { layer };
    let layer = layer.strip_prefix("lora_").unwrap_or(&layer);
    let layer =
        layer.strip_prefix("te_").map(|rest| format!("text_encoder_{rest}")).unwrap_or_else(|| layer.to_owned());
    (layer.starts_with("unet_") || layer.starts_with("text_encoder_")).then_some((layer, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_taken_out_of_the_prompt() {
        let (text, wanted) = take_tags("<lora:paper cut:0.8> an apple <lora:ink>, red <lora:x:-0.5:1>");
        assert_eq!(text, "an apple , red");
        let names: Vec<(&str, f32)> = wanted.iter().map(|w| (w.name.as_str(), w.weight)).collect();
        assert_eq!(names, [("paper cut", 0.8), ("ink", 1.0), ("x", -0.5)]);
        for odd in ["a <lora:b:much> c", "a <lora::1> c", "a <lora:b", "<hypernet:b:1>"] {
            assert_eq!(take_tags(odd), (odd.to_owned(), vec![]));
        }
    }

    fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
        Tensor::from_slice(values, shape, &Device::Cpu).expect("tensor")
    }

    fn numbers(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().and_then(|t| t.to_vec1()).expect("numbers")
    }

    /// Writes a LoRA with these tensors and opens it with weight 0.5.
    fn lora(tensors: Vec<(&str, Tensor)>) -> Result<Lora, Error> {
        let folder = tempfile::tempdir().expect("folder");
        let tensors: HashMap<String, Tensor> = tensors.into_iter().map(|(n, t)| (n.to_owned(), t)).collect();
        candle_core::safetensors::save(&tensors, folder.path().join("thin.safetensors")).expect("writes");
        Lora::open(&Wanted { name: "thin".into(), weight: 0.5 }, Some(folder.path()))
    }

    fn model() -> HashMap<String, Tensor> {
        HashMap::from([
            ("mid_block.attentions.0.proj_in.weight".to_owned(), tensor(&[0.0; 6], &[2, 3])),
            ("mid_block.resnets.0.conv1.weight".to_owned(), tensor(&[1.0; 18], &[1, 2, 3, 3])),
            ("mid_block.attentions.0.attn1.to_out.0.weight".to_owned(), tensor(&[0.0; 4], &[2, 2])),
        ])
    }

    /// Changes what the file names of the UNet; says how many that were.
    fn apply(lora: &Lora, tensors: &mut HashMap<String, Tensor>) -> Result<usize, Error> {
        let mut found = 0;
        for (name, tensor) in tensors.iter_mut() {
            if let Some(new) = lora.changed("unet", name, tensor)? {
                *tensor = new;
                found += 1;
            }
        }
        Ok(found)
    }

    #[test]
    fn both_kinds_of_names_add_the_product_scaled_by_alpha_over_rank() {
        // Rank 2, alpha 1: each product counts half, and the weight halves it again.
        let (down, up) = (tensor(&[1.0, 2.0, 3.0, 0.0, 0.0, 1.0], &[2, 3]), tensor(&[1.0, 0.0, 0.0, 4.0], &[2, 2]));
        let kohya = lora(vec![
            ("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", down.clone()),
            ("lora_unet_mid_block_attentions_0_proj_in.lora_up.weight", up.clone()),
            ("lora_unet_mid_block_attentions_0_proj_in.alpha", tensor(&[1.0], &[1])),
        ]);
        let mut tensors = model();
        assert_eq!(apply(&kohya.expect("opens"), &mut tensors).expect("fits"), 1);
        assert_eq!(numbers(&tensors["mid_block.attentions.0.proj_in.weight"]), [0.25, 0.5, 0.75, 0.0, 0.0, 1.0]);

        // Without alpha the product counts as it is.
        let diffusers = lora(vec![
            ("unet.mid_block.attentions.0.proj_in.lora_A.weight", down),
            ("unet.mid_block.attentions.0.proj_in.lora_B.weight", up),
        ]);
        let mut tensors = model();
        assert_eq!(apply(&diffusers.expect("opens"), &mut tensors).expect("fits"), 1);
        assert_eq!(numbers(&tensors["mid_block.attentions.0.proj_in.weight"]), [0.5, 1.0, 1.5, 0.0, 0.0, 2.0]);
    }

    #[test]
    fn convolutions_and_the_early_names_are_changed_too() {
        let conv = lora(vec![
            ("lora_unet_mid_block_resnets_0_conv1.lora_down.weight", tensor(&[2.0; 18], &[1, 2, 3, 3])),
            ("lora_unet_mid_block_resnets_0_conv1.lora_up.weight", tensor(&[3.0], &[1, 1, 1, 1])),
            ("unet.mid_block.attentions.0.attn1.processor.to_out_lora.down.weight", tensor(&[1.0, 0.0], &[1, 2])),
            ("unet.mid_block.attentions.0.attn1.processor.to_out_lora.up.weight", tensor(&[4.0, 6.0], &[2, 1])),
        ]);
        let mut tensors = model();
        assert_eq!(apply(&conv.expect("opens"), &mut tensors).expect("fits"), 2);
        assert_eq!(numbers(&tensors["mid_block.resnets.0.conv1.weight"]), [4.0; 18]);
        assert_eq!(numbers(&tensors["mid_block.attentions.0.attn1.to_out.0.weight"]), [2.0, 0.0, 3.0, 0.0]);
    }

    #[test]
    fn what_does_not_fit_is_said_by_name() {
        let wide = lora(vec![
            ("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", tensor(&[1.0; 4], &[1, 4])),
            ("lora_unet_mid_block_attentions_0_proj_in.lora_up.weight", tensor(&[1.0; 2], &[2, 1])),
        ]);
        let text = apply(&wide.expect("opens"), &mut model()).expect_err("too wide").to_string();
        assert!(text.contains("mid_block.attentions.0.proj_in does not fit"), "{text}");
        let odd = lora(vec![("lora_unet_x.hada_w1_a", tensor(&[1.0], &[1]))]).err().expect("refused").to_string();
        assert!(odd.contains("hada_w1_a"), "{odd}");
        let missing =
            Lora::open(&Wanted { name: "none".into(), weight: 1.0 }, None).err().expect("missing").to_string();
        assert!(missing.contains("LoRA of this name"), "{missing}");
    }
}
