//! This program's own server as the engine: the same pixels as on this machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{
    Cancel, Engine, Error, Event, Inpaint, InpaintArea, Mask, ModelChoice, Plan, Request, Runtime, Settings,
};
use underpaint::remote::{ServerUrl, WebUiEngine};

use crate::harness::{TestServer, sketch};

fn settings() -> Settings {
    Settings {
        prompt: "a green apple".into(),
        width: 64,
        height: 64,
        steps: 3,
        seed: 9,
        batch: 2,
        ..Settings::default()
    }
}

fn remote(server: &TestServer) -> WebUiEngine {
    WebUiEngine::new(ServerUrl::parse(&server.address).expect("an address"), None)
}

fn pictures(engine: &mut dyn Engine, request: &Request) -> Vec<(u64, u64, RgbImage)> {
    let mut made = Vec::new();
    engine.load(&request.model, &Cancel::default()).expect("loads");
    let done = engine.generate(request, &Cancel::default(), &mut |event| {
        if let Event::Finished(finished) = event {
            made.push((finished.seed, finished.variation_seed, finished.picture));
        }
    });
    done.expect("pictures");
    made
}

#[test]
fn pictures_of_the_server_are_those_of_this_machine() {
    let server = TestServer::start(&[]);
    let (mut far, mut near) = (remote(&server), LocalEngine::new(Runtime::default()));
    let start = Some(Arc::new(sketch(64, 64)));
    let mask = Mask::from_fn(64, 64, |x, y| x < 30 && y > 10);
    let plan = Plan { mask: Some(mask), ..Plan::default() };
    let inpaint = |area| Some(Inpaint { blur: 3, area, padding: 8, ..Inpaint::default() });
    let varied = Settings {
        variation_seed: 3,
        variation_strength: 0.2,
        clip_skip: 2,
        rng: underpaint::engine::Rng::Cpu,
        ..settings()
    };
    let steps =
        Settings { exact_steps: true, color_correct: true, extra_noise: 0.05, noise_multiplier: 0.95, ..settings() };
    let cases = [
        ("from noise", settings(), Plan::default(), None),
        ("varied", varied, Plan::default(), None),
        ("from a sketch", settings(), Plan::default(), start.clone()),
        ("with its options", steps, Plan::default(), start.clone()),
        ("a part", Settings { inpaint: inpaint(InpaintArea::Whole), ..settings() }, plan.clone(), start.clone()),
        ("a part alone", Settings { inpaint: inpaint(InpaintArea::OnlyMasked), ..settings() }, plan, start),
    ];
    for (name, settings, plan, start) in cases {
        let request = Request::planned(ModelChoice::Starter, settings, plan, start);
        assert!(pictures(&mut far, &request) == pictures(&mut near, &request), "{name}");
    }
}

#[test]
fn cancelling_here_frees_the_server() {
    let server = TestServer::start(&[]);
    let long = Settings { width: 512, height: 512, steps: 150, batch: 16, ..settings() };
    let request = Request::new(ModelChoice::Starter, long, None);
    let cancel = Cancel::default();
    let mut cancelled = None;
    let done = remote(&server).generate(&request, &cancel, &mut |event| {
        if let Event::Step { preview, steps, .. } = event {
            assert!(steps == 150 && preview.width() > 1, "a preview of the server");
            cancel.cancel();
            cancelled = Some(Instant::now());
        }
    });
    assert!(matches!(done, Err(Error::Cancelled)));
    assert!(cancelled.expect("a step").elapsed() < Duration::from_secs(1));
    server.wait_until_idle();
}
