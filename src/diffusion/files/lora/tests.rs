//! Every kind of LoRA against its formula, written here as plain loops.

use std::collections::HashMap;

use candle_core::Device;

use super::*;

fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).expect("tensor")
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).expect("numbers")
}

fn wanted(name: &str, weight: f32) -> Wanted {
    Wanted { name: name.into(), text_weight: weight, unet_weight: weight, rank: None }
}

/// Writes a LoRA with these tensors and opens it with weight 0.5.
fn lora(tensors: Vec<(&str, Tensor)>) -> Result<Lora, Error> {
    let folder = tempfile::tempdir().expect("folder");
    let tensors: HashMap<String, Tensor> = tensors.into_iter().map(|(n, t)| (n.to_owned(), t)).collect();
    candle_core::safetensors::save(&tensors, folder.path().join("thin.safetensors")).expect("writes");
    Lora::open(&wanted("thin", 0.5), Some(folder.path()))
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
    let missing = Lora::open(&wanted("none", 1.0), None).err().expect("missing").to_string();
    assert!(missing.contains("LoRA \"none\""), "{missing}");
}
