//! Pictures over the network, and what is said with them.

use serde_json::{Value, json};

use crate::harness::{TestServer, base64_of, info, pictures, sketch, small, with};

#[test]
fn a_prompt_becomes_pictures_with_their_settings() {
    let server = TestServer::start(&[]);
    let request = with(
        small(),
        json!({"negative_prompt": "blurry", "batch_size": 2, "n_iter": 2, "cfg_scale": 5,
        "sampler_name": "Euler a", "scheduler": "karras"}),
    );
    let (status, answer) = server.post("txt2img", &request);
    assert_eq!(status, 200, "{answer}");
    let made = pictures(&answer);
    assert_eq!(made.len(), 4);
    assert!(made.iter().all(|(picture, _)| picture.dimensions() == (64, 64)));
    assert!(made[0].0 != made[1].0, "two seeds, two pictures");
    let expected = "a green apple\nNegative prompt: blurry\nSteps: 2, Sampler: Euler a, Schedule type: Karras, CFG scale: 5, Seed: 8, Size: 64x64, Model: starter";
    assert!(made[3].1.starts_with(expected), "{}", made[3].1);
    let info = info(&answer);
    assert_eq!((&info["seed"], &info["all_seeds"]), (&json!(5), &json!([5, 6, 7, 8])));
    assert_eq!(info["infotexts"].as_array().expect("texts")[3], made[3].1);
    assert_eq!(
        (&info["sampler_name"], &info["batch_size"], &info["width"]),
        (&json!("Euler a"), &json!(2), &json!(64))
    );
    assert_eq!((&info["interrupted"], &info["denoising_strength"]), (&json!(false), &Value::Null));
    assert_eq!(
        (&answer["parameters"]["prompt"], &answer["parameters"]["send_images"]),
        (&json!("a green apple"), &json!(true))
    );
}

#[test]
fn a_sketch_becomes_a_picture_and_comes_back_only_if_asked_for() {
    let server = TestServer::start(&[]);
    let sent = base64_of(&sketch(80, 64));
    let request =
        with(small(), json!({"init_images": [format!("data:image/png;base64,{sent}")], "denoising_strength": 0.5}));
    let (status, answer) = server.post("img2img", &request);
    assert_eq!(status, 200, "{answer}");
    let made = pictures(&answer);
    assert!(made.len() == 1 && made[0].0.dimensions() == (64, 64));
    assert!(made[0].1.contains("Denoising strength: 0.5"), "{}", made[0].1);
    assert_eq!(answer["parameters"]["init_images"], Value::Null);
    assert_eq!(info(&answer)["denoising_strength"], 0.5);
    let (_, answer) =
        server.post("img2img", &with(request, json!({"include_init_images": true, "send_images": false})));
    assert_eq!(answer["images"], json!([]));
    assert!(answer["parameters"]["init_images"][0].as_str().expect("the picture").contains(&sent));
    assert_eq!(info(&answer)["infotexts"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_not_masked_stays_as_it_was() {
    let server = TestServer::start(&[]);
    let start = sketch(64, 64);
    let half = |is_left: bool| {
        image::RgbImage::from_fn(64, 64, |x, _| image::Rgb([if (x < 32) == is_left { 255 } else { 0 }; 3]))
    };
    let request = |fields: Value| {
        let usual = json!({"init_images": [base64_of(&start)], "mask": base64_of(&half(true)), "mask_blur": 0,
            "inpaint_full_res": false, "inpainting_fill": 1});
        with(with(small(), usual), fields)
    };
    let differs = |picture: &image::RgbImage, range: std::ops::Range<u32>| {
        range.clone().any(|x| (0..64).any(|y| picture.get_pixel(x, y) != start.get_pixel(x, y)))
    };
    let (status, answer) = server.post("img2img", &request(json!({})));
    assert_eq!(status, 200, "{answer}");
    let (picture, text) = pictures(&answer).remove(0);
    assert!(differs(&picture, 0..32) && !differs(&picture, 32..64), "the left half changes");
    assert!(text.contains("Mask blur") || text.contains("Masked content"), "{text}");
    let (_, inverted) = server.post("img2img", &request(json!({"inpainting_mask_invert": 1})));
    let (picture, _) = pictures(&inverted).remove(0);
    assert!(!differs(&picture, 0..32) && differs(&picture, 32..64), "the right half changes");
    let only = request(
        json!({"inpaint_full_res": true, "inpaint_full_res_padding": 8, "init_images": [base64_of(&sketch(200, 120))],
        "mask": base64_of(&image::RgbImage::from_fn(200, 120, |x, _| image::Rgb([if x < 40 { 255 } else { 0 }; 3])))}),
    );
    let (_, answer) = server.post("img2img", &only);
    assert_eq!(pictures(&answer)[0].0.dimensions(), (200, 120), "the result has the size of the start image");
    let (status, answer) = server.post("img2img", &request(json!({"mask": base64_of(&image::RgbImage::new(64, 64))})));
    assert_eq!(status, 422);
    assert!(answer["errors"].as_str().expect("a sentence").contains("nothing change"), "{answer}");
}

#[test]
fn styles_seeds_and_options_of_one_request_count() {
    let server = TestServer::start(&[]);
    let (_, styles) = server.get("prompt-styles");
    let style = &styles[0];
    let request = with(
        small(),
        json!({"styles": [style["name"]], "seed": -1, "override_settings":
        {"CLIP_stop_at_last_layers": 2, "randn_source": "CPU", "some_option_of_an_extension": [1]}}),
    );
    let (status, answer) = server.post("txt2img", &request);
    assert_eq!(status, 200, "{answer}");
    let (_, text) = pictures(&answer).remove(0);
    assert!(text.contains("Clip skip: 2") && text.contains("RNG: CPU"), "{text}");
    let info = info(&answer);
    assert!(info["prompt"].as_str().expect("a prompt").len() > "a green apple".len(), "{info}");
    assert!(info["seed"].as_i64().expect("a seed") >= 0 && info["styles"] == json!([style["name"]]));
    let (_, options) = server.get("options");
    assert_eq!((&options["CLIP_stop_at_last_layers"], &options["randn_source"]), (&json!(1), &json!("GPU")));
}

#[test]
fn a_picture_says_how_it_was_made() {
    let server = TestServer::start(&[]);
    let (_, answer) = server.post("txt2img", &small());
    let (_, text) = pictures(&answer).remove(0);
    let (status, read) = server.post("png-info", &json!({"image": answer["images"][0]}));
    assert_eq!((status, &read["info"]), (200, &json!(text)));
    assert_eq!((&read["parameters"]["Seed"], &read["parameters"]["Prompt"]), (&json!("5"), &json!("a green apple")));
    let (status, read) = server.post("png-info", &json!({"image": base64_of(&sketch(8, 8))}));
    assert_eq!((status, &read["info"]), (200, &json!("")));
}
