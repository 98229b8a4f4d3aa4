//! Every kind of LoRA against its formula, written here as plain loops.

use std::collections::HashMap;
use std::path::Path;

use candle_core::Device;

use super::*;

fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).expect("tensor")
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).expect("numbers")
}

fn wanted(name: &str, weight: f32) -> Wanted {
    Wanted { name: name.into(), text_weight: weight, unet_weight: weight, rank: None, blocks: None }
}

/// A runtime that finds LoRAs in this folder.
fn runtime(folder: &Path) -> Runtime {
    Runtime { loras: Some(folder.to_path_buf()), ..Runtime::default() }
}

/// Writes a LoRA with these tensors and opens it with weight 0.5.
fn lora(tensors: Vec<(&str, Tensor)>) -> Result<Lora, Error> {
    let folder = tempfile::tempdir().expect("folder");
    let tensors: HashMap<String, Tensor> = tensors.into_iter().map(|(n, t)| (n.to_owned(), t)).collect();
    candle_core::safetensors::save(&tensors, folder.path().join("thin.safetensors")).expect("writes");
    Lora::open(&wanted("thin", 0.5), &runtime(folder.path()))
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
    assert!(text.contains("mid_block.attentions.0.proj_in") && text.contains("does not fit"), "{text}");
    let missing = Lora::open(&wanted("none", 1.0), &Runtime::default()).err().expect("missing").to_string();
    assert!(missing.contains("LoRA \"none\""), "{missing}");
}

/// Numbers in -1..1 that look random, another row for each seed.
fn values(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A matrix `[rows, columns]` with plain access.
struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    fn new(rows: usize, columns: usize, seed: u32) -> Self {
        Self { columns, values: values(rows * columns, seed) }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        f64::from(self.values[row * self.columns + column])
    }

    fn tensor(&self) -> Tensor {
        tensor(&self.values, &[self.values.len() / self.columns, self.columns])
    }
}

const CONV: &str = "lora_unet_mid_block_resnets_0_conv1";
const OUT: usize = 4;
const IN: usize = 6;
const KERNEL: usize = 9;

/// Applies a LoRA of these tensors, under `CONV`, to a convolution `[4, 6, 3, 3]` with weight 0.5, and
/// compares with `W + 0.5 · change(o, i, k)`, or, where `merged` is given, with what that makes of W.
fn check(kind: Algorithm, parts: &[(&str, Tensor)], change: impl Fn(usize, usize, usize) -> f64) {
    let names: Vec<String> = parts.iter().map(|(end, _)| format!("{CONV}.{end}")).collect();
    let tensors = names.iter().zip(parts).map(|(name, (_, tensor))| (name.as_str(), tensor.clone())).collect();
    let lora = lora(tensors).expect("opens");
    assert_eq!(lora.layers.algorithms(), BTreeMap::from([(kind, 1)]));
    assert_eq!(lora.notice(), None);
    let weight = values(OUT * IN * KERNEL, 99);
    let name = "mid_block.resnets.0.conv1.weight";
    assert!(lora.changes("unet", name) && !lora.changes("unet", "mid_block.resnets.0.conv1.bias"));
    let changed = lora.changed("unet", name, &tensor(&weight, &[OUT, IN, 3, 3])).expect("fits").expect("changes");
    assert_eq!(changed.dims(), [OUT, IN, 3, 3]);
    for (at, (got, before)) in numbers(&changed).iter().zip(&weight).enumerate() {
        let (o, i, k) = (at / (IN * KERNEL), at / KERNEL % IN, at % KERNEL);
        let want = f64::from(*before) + 0.5 * change(o, i, k);
        assert!((f64::from(*got) - want).abs() < 1e-5, "{kind:?} at {o}, {i}, {k}: {got} is not {want}");
    }
}

/// The weight that `check` changes.
fn weight_at(o: usize, i: usize, k: usize) -> f64 {
    f64::from(values(OUT * IN * KERNEL, 99)[(o * IN + i) * KERNEL + k])
}

#[test]
fn a_decomposed_kernel_is_put_together() {
    let (rank, core) = (2, values(2 * 2 * KERNEL, 3));
    let (up, down) = (Matrix::new(OUT, rank, 1), Matrix::new(rank, IN, 2));
    let parts = [
        ("lora_up.weight", up.tensor().reshape((OUT, rank, 1, 1)).expect("shape")),
        ("lora_down.weight", down.tensor().reshape((rank, IN, 1, 1)).expect("shape")),
        ("lora_mid.weight", tensor(&core, &[rank, rank, 3, 3])),
        ("alpha", tensor(&[1.0], &[])),
    ];
    check(Algorithm::LoraCp, &parts, |o, i, k| {
        let mut sum = 0.0;
        for n in 0..rank {
            for m in 0..rank {
                sum += f64::from(core[(n * rank + m) * KERNEL + k]) * up.at(o, n) * down.at(m, i);
            }
        }
        sum / 2.0
    });
}

#[test]
fn loha_multiplies_two_products_number_by_number() {
    let rank = 2;
    let (a1, b1) = (Matrix::new(OUT, rank, 1), Matrix::new(rank, IN * KERNEL, 2));
    let (a2, b2) = (Matrix::new(OUT, rank, 3), Matrix::new(rank, IN * KERNEL, 4));
    let parts = [
        ("hada_w1_a", a1.tensor()),
        ("hada_w1_b", b1.tensor()),
        ("hada_w2_a", a2.tensor()),
        ("hada_w2_b", b2.tensor()),
        ("alpha", tensor(&[1.0], &[])),
    ];
    check(Algorithm::Loha, &parts, |o, i, k| {
        let product = |a: &Matrix, b: &Matrix| (0..rank).map(|r| a.at(o, r) * b.at(r, i * KERNEL + k)).sum::<f64>();
        product(&a1, &b1) * product(&a2, &b2) / 2.0
    });
}

#[test]
fn loha_with_cores_puts_both_kernels_together_first() {
    let rank = 2;
    let (a1, b1) = (Matrix::new(rank, OUT, 1), Matrix::new(rank, IN, 2));
    let (a2, b2) = (Matrix::new(rank, OUT, 3), Matrix::new(rank, IN, 4));
    let (t1, t2) = (values(rank * rank * KERNEL, 5), values(rank * rank * KERNEL, 6));
    let core = |t: &[f32]| tensor(t, &[rank, rank, 3, 3]);
    let parts = [
        ("hada_t1", core(&t1)),
        ("hada_w1_a", a1.tensor()),
        ("hada_w1_b", b1.tensor()),
        ("hada_t2", core(&t2)),
        ("hada_w2_a", a2.tensor()),
        ("hada_w2_b", b2.tensor()),
        ("alpha", tensor(&[4.0], &[])),
    ];
    check(Algorithm::Loha, &parts, |o, inner, k| {
        let put = |t: &[f32], a: &Matrix, b: &Matrix| {
            let mut sum = 0.0;
            for i in 0..rank {
                for j in 0..rank {
                    sum += f64::from(t[(i * rank + j) * KERNEL + k]) * b.at(j, inner) * a.at(i, o);
                }
            }
            sum
        };
        put(&t1, &a1, &b1) * put(&t2, &a2, &b2) * 4.0 / 2.0
    });
}

#[test]
fn lokr_repeats_the_second_factor_by_the_first() {
    // [2, 3] ⊗ [2, 2, 3, 3], the second as a product of rank 2.
    let (one, a, b) = (Matrix::new(2, 3, 1), Matrix::new(2, 2, 2), Matrix::new(2, 2 * KERNEL, 3));
    let parts = [
        ("lokr_w1", one.tensor()),
        ("lokr_w2_a", a.tensor()),
        ("lokr_w2_b", b.tensor()),
        ("alpha", tensor(&[1.0], &[])),
    ];
    let second = |o: usize, i: usize, k: usize| (0..2).map(|r| a.at(o, r) * b.at(r, i * KERNEL + k)).sum::<f64>();
    check(Algorithm::Lokr, &parts, |o, i, k| one.at(o / 2, i / 2) * second(o % 2, i % 2, k) / 2.0);
    // Two whole factors have no rank, so alpha says nothing.
    let whole = values(2 * 2 * KERNEL, 5);
    let parts = [("lokr_w1", one.tensor()), ("lokr_w2", tensor(&whole, &[2, 2, 3, 3])), ("alpha", tensor(&[1.0], &[]))];
    check(Algorithm::Lokr, &parts, |o, i, k| {
        one.at(o / 2, i / 2) * f64::from(whole[((o % 2) * 2 + i % 2) * KERNEL + k])
    });
    // The second factor with a core for its kernel.
    let (core, a, b) = (values(2 * 2 * KERNEL, 6), Matrix::new(2, 2, 7), Matrix::new(2, 2, 8));
    let parts = [
        ("lokr_w1", one.tensor()),
        ("lokr_t2", tensor(&core, &[2, 2, 3, 3])),
        ("lokr_w2_a", a.tensor()),
        ("lokr_w2_b", b.tensor()),
    ];
    check(Algorithm::Lokr, &parts, |o, i, k| {
        let mut sum = 0.0;
        for n in 0..2 {
            for m in 0..2 {
                sum += f64::from(core[(n * 2 + m) * KERNEL + k]) * a.at(n, o % 2) * b.at(m, i % 2);
            }
        }
        one.at(o / 2, i / 2) * sum
    });
}

#[test]
fn whole_differences_and_factors_are_applied() {
    let whole = values(OUT * IN * KERNEL, 1);
    let parts = [("diff", tensor(&whole, &[OUT, IN, 3, 3]))];
    check(Algorithm::Full, &parts, |o, i, k| f64::from(whole[(o * IN + i) * KERNEL + k]));
    let factors = values(IN, 2);
    let parts = [("weight", tensor(&factors, &[IN])), ("on_input", tensor(&[1.0], &[]))];
    check(Algorithm::Ia3, &parts, |o, i, k| weight_at(o, i, k) * f64::from(factors[i]));
    let factors = values(OUT, 3);
    let parts = [("weight", tensor(&factors, &[OUT])), ("on_input", tensor(&[0.0], &[]))];
    check(Algorithm::Ia3, &parts, |o, i, k| weight_at(o, i, k) * f64::from(factors[o]));
}

#[test]
fn differences_of_norms_and_biases_are_applied() {
    let lora = lora(vec![
        ("lora_unet_conv_norm_out.w_norm", tensor(&[1.0, 2.0], &[2])),
        ("lora_unet_conv_norm_out.b_norm", tensor(&[-1.0, 4.0], &[2])),
    ])
    .expect("opens");
    let ones = tensor(&[1.0, 1.0], &[2]);
    let changed = |name: &str| lora.changed("unet", name, &ones).expect("fits").map(|tensor| numbers(&tensor));
    assert_eq!(changed("conv_norm_out.weight"), Some(vec![1.5, 2.0]));
    assert_eq!(changed("conv_norm_out.bias"), Some(vec![0.5, 3.0]));
    assert_eq!(changed("conv_in.bias"), None);
}

#[test]
fn dora_scales_the_changed_weight_to_its_magnitudes() {
    let rank = 2;
    let (up, down) = (Matrix::new(OUT, rank, 1), Matrix::new(rank, IN * KERNEL, 2));
    let change =
        |o: usize, i: usize, k: usize| (0..rank).map(|r| up.at(o, r) * down.at(r, i * KERNEL + k)).sum::<f64>();
    let merged = |o, i, k| weight_at(o, i, k) + change(o, i, k);
    let lora_parts = || {
        vec![
            ("lora_up.weight", up.tensor()),
            ("lora_down.weight", down.tensor().reshape((rank, IN, 3, 3)).expect("shape")),
        ]
    };
    // One magnitude for each input, as LyCORIS first wrote it.
    let inputs = values(IN, 5);
    let mut parts = lora_parts();
    parts.push(("dora_scale", tensor(&inputs, &[1, IN, 1, 1])));
    let mut norms = [0.0; IN];
    for (i, norm) in norms.iter_mut().enumerate() {
        *norm = (0..OUT).flat_map(|o| (0..KERNEL).map(move |k| merged(o, i, k).powi(2))).sum::<f64>().sqrt();
    }
    check(Algorithm::Lora, &parts, |o, i, k| merged(o, i, k) * f64::from(inputs[i]) / norms[i] - weight_at(o, i, k));
    // One for each output, as the paper has it.
    let outputs = values(OUT, 6);
    let mut parts = lora_parts();
    parts.push(("lora_magnitude_vector.weight", tensor(&outputs, &[OUT])));
    let mut norms = [0.0; OUT];
    for (o, norm) in norms.iter_mut().enumerate() {
        *norm = (0..IN).flat_map(|i| (0..KERNEL).map(move |k| merged(o, i, k).powi(2))).sum::<f64>().sqrt();
    }
    check(Algorithm::Lora, &parts, |o, i, k| merged(o, i, k) * f64::from(outputs[o]) / norms[o] - weight_at(o, i, k));
}

#[test]
fn text_encoder_and_unet_have_weights_of_their_own_and_ranks_can_be_limited() {
    let folder = tempfile::tempdir().expect("folder");
    let (down, up) = (tensor(&[1.0, 0.0, 0.0, 1.0], &[2, 2]), tensor(&[1.0, 2.0, 3.0, 4.0], &[2, 2]));
    let mut tensors = HashMap::new();
    for layer in ["lora_unet_conv_in", "lora_te_text_model_encoder_layers_0_mlp_fc1"] {
        tensors.insert(format!("{layer}.lora_down.weight"), down.clone());
        tensors.insert(format!("{layer}.lora_up.weight"), up.clone());
    }
    candle_core::safetensors::save(&tensors, folder.path().join("two.safetensors")).expect("writes");
    let changed = |rank, part: &str, name: &str| {
        let wanted = Wanted { name: "two".into(), text_weight: 2.0, unet_weight: -1.0, rank, blocks: None };
        let lora = Lora::open(&wanted, &runtime(folder.path())).expect("opens");
        numbers(&lora.changed(part, name, &tensor(&[0.0; 4], &[2, 2])).expect("fits").expect("changes"))
    };
    let text = "text_model.encoder.layers.0.mlp.fc1.weight";
    assert_eq!(changed(None, "unet", "conv_in.weight"), [-1.0, -2.0, -3.0, -4.0]);
    assert_eq!(changed(None, "text_encoder", text), [2.0, 4.0, 6.0, 8.0]);
    assert_eq!(changed(Some(1), "text_encoder", text), [2.0, 0.0, 6.0, 0.0]);
    assert_eq!(changed(Some(9), "unet", "conv_in.weight"), [-1.0, -2.0, -3.0, -4.0]);
}

#[test]
fn one_stray_tensor_is_said_and_does_not_spoil_the_rest() {
    let lora = lora(vec![
        ("lora_unet_conv_in.lora_down.weight", tensor(&[1.0, 1.0], &[1, 2])),
        ("lora_unet_conv_in.lora_up.weight", tensor(&[1.0], &[1, 1])),
        ("bundle_emb.x.string_to_param.*", tensor(&[1.0], &[1, 1])),
        ("lora_unet_conv_out.oft_blocks", tensor(&[1.0], &[1, 1, 1])),
    ])
    .expect("opens");
    assert!(lora.changes("unet", "conv_in.weight") && !lora.changes("unet", "conv_out.weight"));
    let notice = lora.notice().expect("a notice");
    assert!(notice.contains("without 2 of its entries"), "{notice}");
}

#[test]
fn what_is_not_applied_is_refused_with_what_it_is() {
    let pair = |layer: &'static str, width: usize| vec![(layer, tensor(&vec![0.5; width], &[1, width]))];
    for (tensors, words) in [
        (vec![("lora_unet_conv_in.oft_blocks", tensor(&[1.0], &[1, 1, 1]))], "kind OFT"),
        (vec![("lora_unet_conv_in.a1.weight", tensor(&[1.0], &[1, 1]))], "kind GLoRA"),
        (pair("lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", 8), "LoRA for SDXL"),
        (pair("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", 8), "LoRA for FLUX"),
        (pair("transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight", 8), "LoRA for FLUX"),
        (pair("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight", 2048), "LoRA for SDXL"),
        (
            vec![("encoder.conv_in.weight", tensor(&[1.0], &[1])), ("decoder.conv_in.weight", tensor(&[1.0], &[1]))],
            "and not a LoRA",
        ),
    ] {
        let text = lora(tensors).err().expect(words).to_string();
        assert!(text.contains(words) && text.contains("thin.safetensors"), "{words}: {text}");
    }
}

#[test]
fn a_lora_for_another_family_says_so_where_it_does_not_fit() {
    let name = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k";
    let (down, up) = (format!("{name}.lora_down.weight"), format!("{name}.lora_up.weight"));
    let lora = lora(vec![(down.as_str(), tensor(&[1.0; 1024], &[1, 1024])), (up.as_str(), tensor(&[1.0; 8], &[8, 1]))]);
    let weight = tensor(&[0.0; 8 * 768], &[8, 768]);
    let layer = "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight";
    let text = lora.expect("opens").changed("unet", layer, &weight).expect_err("too wide").to_string();
    assert!(text.contains("made for Stable Diffusion 2.x") && text.contains(layer), "{text}");
}

#[test]
fn weights_of_blocks_multiply_those_of_the_file() {
    let folder = tempfile::tempdir().expect("folder");
    let layers =
        ["down_blocks.0.attentions.0.proj_in", "up_blocks.3.attentions.0.proj_in", "mid_block.attentions.0.proj_in"];
    let mut tensors = HashMap::new();
    for layer in
        layers.map(|layer| format!("unet.{layer}")).iter().chain(["text_encoder.text_model.fc1".to_owned()].iter())
    {
        tensors.insert(format!("{layer}.lora_A.weight"), tensor(&[1.0, 1.0], &[1, 2]));
        tensors.insert(format!("{layer}.lora_B.weight"), tensor(&[1.0, 1.0], &[2, 1]));
    }
    candle_core::safetensors::save(&tensors, folder.path().join("thin.safetensors")).expect("writes");
    let blocks = BlockWeights::read("0.5,0.25,0,0,0,0,0,-1,0,0,0,0,0,0,3,0,0");
    assert!(blocks.is_some());
    let wanted = Wanted { text_weight: 2.0, blocks, ..wanted("thin", 4.0) };
    let lora = Lora::open(&wanted, &runtime(folder.path())).expect("opens");
    let changed = |part: &str, layer: &str| {
        let weight = tensor(&[0.0; 4], &[2, 2]);
        let new = lora.changed(part, &format!("{layer}.weight"), &weight).expect("fits").expect("is changed");
        numbers(&new)
    };
    assert_eq!(changed("unet", "down_blocks.0.attentions.0.proj_in"), [1.0; 4]);
    assert_eq!(changed("unet", "mid_block.attentions.0.proj_in"), [-4.0; 4]);
    assert_eq!(changed("unet", "up_blocks.3.attentions.0.proj_in"), [0.0; 4], "OUT09");
    assert_eq!(changed("text_encoder", "text_model.fc1"), [1.0; 4]);
}
