//! Files of every kind, by names and shapes as their programs write them.

use std::path::Path;

use super::*;

fn contents(names: &[(&str, &[usize])]) -> Contents {
    Contents {
        shapes: names.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect(),
        formats: BTreeMap::new(),
        metadata: HashMap::new(),
        keys: Vec::new(),
    }
}

fn pickle(keys: &[&str]) -> Contents {
    Contents { keys: keys.iter().map(|key| (*key).to_owned()).collect(), ..contents(&[]) }
}

const UNET: (&str, &[usize]) = ("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]);
const TEXT: (&str, &[usize]) = ("cond_stage_model.transformer.text_model.final_layer_norm.weight", &[768]);

/// What each file is, and what is said of it when it is given as a model.
#[test]
fn every_kind_of_file_is_told_and_given_as_a_model_says_what_to_do() {
    use Family::*;
    use WeightsKind::*;
    let cases: Vec<(Contents, WeightsKind, Option<Family>, &str)> = vec![
        (
            contents(&[("conditioner.embedders.1.model.x", &[1]), ("model.diffusion_model.out.2.weight", &[4])]),
            Model,
            Some(Sdxl),
            "is a model of SDXL",
        ),
        (contents(&[("conditioner.embedders.0.model.x", &[1]), UNET]), Model, Some(SdxlRefiner), "the SDXL refiner"),
        (
            contents(&[("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", &[1])]),
            Model,
            Some(Sd3),
            "Stable Diffusion 3",
        ),
        (
            contents(&[("model.diffusion_model.double_blocks.0.img_attn.qkv.weight", &[1])]),
            Model,
            Some(Flux),
            "a model of FLUX",
        ),
        (contents(&[("double_blocks.0.img_attn.qkv.weight", &[1])]), Unet, Some(Flux), "FLUX"),
        (
            contents(&[("model.diffusion_model.clip_txt_pooled_mapper.weight", &[1])]),
            Model,
            Some(StableCascade),
            "Stable Cascade",
        ),
        (
            contents(&[("add_embedding.image_norm.weight", &[1]), ("conv_in.weight", &[320, 4, 3, 3])]),
            Unet,
            Some(Kandinsky),
            "Kandinsky",
        ),
        (
            contents(&[("model.diffusion_model.input_blocks.1.0.time_stack.x", &[1]), UNET]),
            Model,
            Some(StableVideo),
            "Video",
        ),
        (
            contents(&[
                ("conv_in.weight", &[320, 4, 3, 3]),
                ("down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight", &[320, 768]),
            ]),
            Unet,
            Some(Sd1),
            "the text encoder and the VAE are missing",
        ),
        (
            contents(&[
                ("conv_in.weight", &[320, 4, 3, 3]),
                ("down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", &[640, 2048]),
            ]),
            Unet,
            Some(Sdxl),
            "does not run here",
        ),
        (
            contents(&[("lora_unet_conv_in.lora_up.weight", &[1]), ("lora_unet_conv_in.lora_down.weight", &[1])]),
            Lora,
            None,
            "put it into the folder of LoRAs (--loras) and write <lora:dream:1>",
        ),
        (contents(&[("lora_unet_conv_in.diff", &[1])]), Lora, None, "<lora:dream:1>"),
        (contents(&[("lora_unet_conv_in.hada_w1_a", &[1])]), Lora, None, "is not a model: it is a LoRA whose layers"),
        (
            contents(&[("lora_unet_conv_in.oft_blocks", &[1])]),
            Lora,
            None,
            "is not a model: it is a LoRA of the kind OFT, which is not applied yet",
        ),
        (
            contents(&[("lora_te1_x.lora_up.weight", &[1]), ("lora_te1_x.lora_down.weight", &[1])]),
            Lora,
            Some(Sdxl),
            "is not a model: it is a LoRA for SDXL, and only LoRAs",
        ),
        (
            contents(&[("emb_params", &[2, 500])]),
            TextualInversion,
            None,
            "is not a model: it is a textual inversion whose vectors have 500 numbers; models that run here need 768",
        ),
        (contents(&[("emb_params", &[2, 128])]), TextualInversion, None, "write dream in the prompt"),
        (
            contents(&[("emb_params", &[76, 768])]),
            TextualInversion,
            Some(Sd1),
            "of 76 vectors, and a prompt has room for 75",
        ),
        (contents(&[("input_hint_block.0.weight", &[1])]), ControlNet, None, "is a ControlNet"),
        (contents(&[("control_model.input_hint_block.0.weight", &[1])]), ControlNet, None, "is a ControlNet"),
        (
            contents(&[("controlnet_cond_embedding.conv_in.weight", &[1]), ("conv_in.weight", &[320, 4, 3, 3])]),
            ControlNet,
            None,
            "is a ControlNet",
        ),
        (
            contents(&[("lora_controlnet", &[]), ("input_blocks.1.1.proj_in.up", &[1]), ("x.lora_up.weight", &[1])]),
            ControlNet,
            None,
            "is a ControlNet",
        ),
        (contents(&[("image_proj.proj.weight", &[1])]), IpAdapter, None, "is an IP-Adapter"),
        (contents(&[("adapter.body.0.block1.weight", &[1])]), T2iAdapter, None, "is a T2I-Adapter"),
        (contents(&[("down_blocks.0.motion_modules.0.x", &[1])]), MotionModule, None, "AnimateDiff"),
        (pickle(&["320", "640", "768", "layer_structure"]), Hypernetwork, None, "is a hypernetwork"),
        (pickle(&["string_to_token", "string_to_param", "name"]), TextualInversion, None, "write dream in the prompt"),
        (contents(&[("emb_params", &[4, 768])]), TextualInversion, Some(Sd1), "for Stable Diffusion 1.x, not a model"),
        (contents(&[("<dream>", &[1024])]), TextualInversion, Some(Sd2), "is a textual inversion"),
        (
            contents(&[("clip_g", &[2, 1280]), ("clip_l", &[2, 768])]),
            TextualInversion,
            Some(Sdxl),
            "is not a model: it is a textual inversion for SDXL",
        ),
        (pickle(&["params_ema"]), Upscaler, None, "is an upscaler"),
        (
            contents(&[(CAPTIONER[0], &[30524, 768]), (CAPTIONER[1], &[1, 1, 768])]),
            Captioner,
            None,
            "describe pictures",
        ),
        (contents(&[(DEPTH[0][0], &[1, 1, 384]), (DEPTH[0][1], &[1, 32, 1, 1])]), DepthEstimator, None, "Depth"),
        (contents(&[(DEPTH[1][0], &[1, 1, 384]), (DEPTH[1][1], &[1, 32, 1, 1])]), DepthEstimator, None, "Depth"),
        (contents(&[(SEGMENTER, &[2, 128])]), Segmenter, None, "to select by click"),
        (contents(&[("body.0.rdb1.conv1.weight", &[32, 64, 3, 3])]), Upscaler, None, "is an upscaler"),
        (contents(&[("first_stage_model.encoder.conv_in.weight", &[128, 3, 3, 3])]), Vae, None, "as its VAE (--vae)"),
        (
            contents(&[("decoder.conv_in.weight", &[512, 16, 3, 3])]),
            Vae,
            Some(Flux),
            "is not a model: it is a VAE (autoencoder) for latents of 16 channels",
        ),
        (contents(&[("decoder.layers.0.weight", &[64, 4, 3, 3])]), TinyVae, None, "for the previews of the window"),
        (contents(&[("1.weight", &[64, 4, 3, 3]), ("3.conv.0.weight", &[64, 64, 3, 3])]), TinyVae, None, "TAESD"),
        (contents(&[("text_model.final_layer_norm.weight", &[768])]), TextEncoder, None, "is a text encoder"),
        (contents(&[UNET]), Model, None, "no text encoder"),
        (contents(&[TEXT, ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3])]), Model, None, "no UNet"),
        (
            contents(&[TEXT, ("model.diffusion_model.input_blocks.0.0.weight", &[320, 5, 3, 3])]),
            Model,
            Some(Sd1),
            "a depth model",
        ),
        (
            contents(&[TEXT, ("model.diffusion_model.input_blocks.0.0.weight", &[320, 7, 3, 3])]),
            Model,
            Some(Sd1),
            "a model that upscales",
        ),
        (contents(&[("wte.weight", &[50257, 768])]), Unknown, None, "its first tensor is wte.weight"),
        (contents(&[]), Unknown, None, "holds no weights"),
    ];
    for (contents, kind, family, words) in cases {
        let first = contents.shapes.keys().next().cloned().unwrap_or_default();
        assert_eq!(identify(&contents), Identity { kind, family }, "{first}");
        let text = as_model(Path::new("/models/dream.pt"), &contents).expect_err(words).to_string();
        assert!(text.contains(words), "{first}: {text} lacks {words}");
        assert!(text.starts_with("/models/dream.pt ") && text.ends_with('.') && !text.contains(".."), "{text}");
    }
    let whole = contents(&[UNET, TEXT]);
    assert_eq!(identify(&whole), Identity { kind: Model, family: Some(Sd1) });
    as_model(Path::new("dream.pt"), &whole).expect("a model; its VAE may be missing");
    for channels in [9, 8] {
        let whole = contents(&[TEXT, ("model.diffusion_model.input_blocks.0.0.weight", &[320, channels, 3, 3])]);
        as_model(Path::new("paint.pt"), &whole).expect("inpainting and edit models run");
    }
}

#[test]
fn a_lora_is_of_the_family_that_its_writer_or_its_layers_name() {
    let with = |base: &str| Contents {
        metadata: HashMap::from([("ss_base_model_version".to_owned(), base.to_owned())]),
        ..contents(&[("lora_unet_conv_in.lora_up.weight", &[1])])
    };
    for (base, family) in [
        ("sd_v1", Some(Family::Sd1)),
        ("sd_v2_v", Some(Family::Sd2)),
        ("sdxl_base_v1-0", Some(Family::Sdxl)),
        ("flux1", Some(Family::Flux)),
        ("", None),
    ] {
        assert_eq!(identify(&with(base)).family, family, "{base}");
    }
    let by_layer = |width: usize| {
        identify(&contents(&[(
            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight",
            &[8, width],
        )]))
        .family
    };
    assert_eq!([768, 1024, 2048, 640].map(by_layer), [Some(Family::Sd1), Some(Family::Sd2), Some(Family::Sdxl), None]);
}

#[test]
fn a_file_given_as_a_vae_is_told_too() {
    let refused = |names: &[(&str, &[usize])]| {
        as_autoencoder(Path::new("x.safetensors"), &contents(names)).expect_err("refused").to_string()
    };
    let half: (&str, &[usize]) = ("decoder.conv_in.weight", &[512, 4, 3, 3]);
    assert!(refused(&[half]).contains("no autoencoder with both"));
    assert!(refused(&[("lora_unet_conv_in.lora_up.weight", &[1])]).contains("is a LoRA and not a VAE"));
    assert!(refused(&[("1.weight", &[1]), ("3.conv.0.weight", &[1])]).contains("for TAESD"));
    assert!(refused(&[("vquantizer.codebook.weight", &[1])]).contains("Stable Cascade"));
    let whole = contents(&[half, ("encoder.conv_in.weight", &[128, 3, 3, 3])]);
    as_autoencoder(Path::new("x.safetensors"), &whole).expect("a VAE");
}

#[test]
fn the_starters_vectors_have_the_width_that_is_said() {
    let config = include_str!("../../../../assets/starter/text_encoder/config.json");
    let config: serde_json::Value = serde_json::from_str(config).expect("JSON");
    assert_eq!(config["hidden_size"], STARTER_TEXT_WIDTH);
}

#[test]
fn folders_are_told_by_their_configs() {
    let folder = tempfile::tempdir().expect("folder");
    let told = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir_in(folder.path()).expect("folder");
        for (file, text) in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
            std::fs::write(path, text).expect("writes");
        }
        let found = identify_folder(folder.path());
        (found.identity.kind, found.identity.family, found.refusal.unwrap_or_default())
    };
    let class = |name: &str| format!("{{\"_class_name\": \"{name}\"}}");
    /// Files with their texts, what the folder is, and the words of its refusal.
    type Case<'a> = (Vec<(&'a str, String)>, WeightsKind, &'a str);
    let cases: Vec<Case<'_>> = vec![
        (vec![("unet/config.json", "{}".into())], WeightsKind::Model, ""),
        (
            vec![("model_index.json", class("StableDiffusionPipeline")), ("unet/config.json", "{}".into())],
            WeightsKind::Model,
            "",
        ),
        (
            vec![("model_index.json", class("StableDiffusionXLPipeline")), ("unet/config.json", "{}".into())],
            WeightsKind::Model,
            "SDXL",
        ),
        (vec![("model_index.json", class("FluxPipeline"))], WeightsKind::Model, "FLUX"),
        (vec![("transformer/config.json", class("SD3Transformer2DModel"))], WeightsKind::Model, "Stable Diffusion 3"),
        (vec![("unet/model.onnx", "x".into()), ("unet/config.json", "{}".into())], WeightsKind::Model, "ONNX"),
        (vec![("config.json", class("UNet2DConditionModel"))], WeightsKind::Unet, "the folder that it lies in"),
        (vec![("config.json", class("AutoencoderKL"))], WeightsKind::Vae, "--vae"),
        (vec![("config.json", class("AutoencoderTiny"))], WeightsKind::TinyVae, "for the previews of the window"),
        (vec![("config.json", class("ControlNetModel"))], WeightsKind::ControlNet, "ControlNet"),
        (
            vec![("config.json", "{\"architectures\": [\"CLIPTextModel\"]}".into())],
            WeightsKind::TextEncoder,
            "the folder that it lies in",
        ),
        (vec![("pytorch_lora_weights.safetensors", "x".into())], WeightsKind::Lora, "<lora:NAME:1>"),
        (vec![("b.ckpt", "x".into()), ("a.safetensors", "x".into())], WeightsKind::Unknown, "a.safetensors, b.ckpt"),
        (vec![("config.json", "{".into())], WeightsKind::Unknown, "no UNet (unet/config.json)"),
        (vec![], WeightsKind::Unknown, "no UNet (unet/config.json)"),
    ];
    for (files, kind, words) in cases {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (found, _, text) = told(&files);
        assert_eq!(found, kind, "{files:?}");
        assert!(text.contains(words) && text.is_empty() == words.is_empty(), "{files:?}: {text}");
    }
}
