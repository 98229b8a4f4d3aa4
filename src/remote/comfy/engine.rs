//! The engine that asks a ComfyUI.

use std::sync::Arc;

use image::RgbImage;
use sha2::{Digest, Sha256};

use super::graph::{RESULT, Uploaded, check, check_own, graph};
use super::job::{Job, Progress};
use super::offer::ComfyOffer;
use super::own_graph::{GraphInputs, OwnGraph};
use crate::engine::{
    Cancel, Capabilities, Engine, Error, Event, FinishedImage, MadeWith, ModelChoice, ModelInfo, Plan, Preprocessor,
    Recommended, Request, Runtime, Settings,
};
use crate::lines::preprocessed;
use crate::picture::encode_png;
use crate::remote::background;
use crate::remote::client::Client;
use crate::remote::masked::SentMask;

/// The longest side of a picture that an exported graph may make, in pixels.
const MOST_SIDE: u32 = 8192;

/// Makes pictures on a ComfyUI.
pub struct ComfyEngine {
    client: Client,
    offer: Arc<ComfyOffer>,
    own: Option<Arc<OwnGraph>>,
}

impl ComfyEngine {
    /// An engine for a server that was asked already; with `own`, every picture is made by that graph.
    pub(in crate::remote) fn with_offer(client: Client, offer: ComfyOffer, own: Option<Arc<OwnGraph>>) -> Self {
        Self { client, offer: Arc::new(offer), own }
    }

    fn checkpoint(&self, model: &ModelChoice) -> Result<&str, Error> {
        if let Some(file) = self.offer.checkpoint(model) {
            return Ok(file);
        }
        const MOST_NAMED: usize = 8;
        let mut names: Vec<&str> = self.offer.models().take(MOST_NAMED).collect();
        if self.offer.checkpoints.len() > MOST_NAMED {
            names.push("...");
        }
        let has = if names.is_empty() { "it lists none".into() } else { format!("it has {}", names.join(", ")) };
        Err(Error::Remote(format!("{} has no model called {}; {has}.", self.client.host(), model.name())))
    }

    /// Sends a picture; returns the name by which graphs can load it.
    fn upload(&self, picture: &RgbImage, cancel: &Cancel) -> Result<String, Error> {
        let png = encode_png(picture, None).map_err(|error| Error::Internal(error.to_string()))?;
        let digest: String = Sha256::digest(&png).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("underpaint-{digest}.png");
        let (client, host) = (self.client.clone(), self.client.host().to_owned());
        let answer = background::ask(&host, cancel, move || client.upload("/upload/image", &name, &png))?;
        let answer = answer.map_err(|trouble| trouble.into_error(&host))?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let (name, folder, kind) = (text("name"), text("subfolder"), text("type"));
        if name.is_empty() {
            return Err(Error::Remote(format!("{host} did not take the start picture.")));
        }
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        Ok(if kind.is_empty() || kind == "input" { path } else { format!("{path} [{kind}]") })
    }

    /// The job of one picture with its own settings, and what is blended here afterwards.
    fn job(&self, request: &Request, image: usize, cancel: &Cancel) -> Result<(Job, Option<SentMask>), Error> {
        let (seed, variation_seed) = request.seeds_of(image);
        let settings = Settings {
            seed: seed as i64,
            variation_seed: variation_seed as i64,
            batch: 1,
            ..request.settings_of(image)
        };
        let host = self.client.host();
        let uses_start = match &self.own {
            Some(own) => own.takes_canvas(),
            None => Plan { sheet: None, ..request.plan.clone() }.starts_from_picture(&settings),
        };
        let start = request.start().filter(|_| uses_start);
        let mask = request.plan.mask.as_ref().filter(|_| start.is_some()).map(|mask| match self.own {
            Some(_) => SentMask::new(mask, &settings),
            None => SentMask::blended_here(mask, &settings),
        });
        match self.own {
            Some(_) => check_own(&settings)?,
            None => check(&settings, host)?,
        }
        let mut uploaded = Uploaded { start: None, mask: None, hints: Vec::new() };
        if let Some(start) = start {
            uploaded.start = Some(self.upload(start, cancel)?);
        }
        let sends_mask = self.own.as_ref().is_none_or(|own| own.takes_mask());
        if let Some(mask) = mask.as_ref().filter(|_| sends_mask) {
            let levels = image::DynamicImage::ImageLuma8(mask.levels.clone()).to_rgb8();
            uploaded.mask = Some(self.upload(&levels, cancel)?);
        }
        let sampled = (settings.width as u32, settings.height as u32);
        let client = self.client.clone();
        if let Some(own) = &self.own {
            let inputs = GraphInputs {
                prompt: settings.prompt.clone(),
                negative: settings.negative.clone(),
                seed: settings.seed,
                strength: settings.strength,
                steps: settings.steps,
                cfg_scale: settings.cfg_scale,
                width: settings.width,
                height: settings.height,
                canvas: uploaded.start,
                mask: uploaded.mask,
            };
            let graph = own.filled(&inputs).map_err(Error::Setting)?;
            let (result, sampler) = (own.result().to_owned(), String::new());
            // Such a graph may scale its picture.
            return Ok((Job { client, graph, result, sampler, size: None, most_side: MOST_SIDE }, None));
        }
        for (place, control) in settings.controls.iter().enumerate() {
            let hint =
                request.hint(place).ok_or_else(|| Error::Setting("A control needs a picture to follow.".into()))?;
            if control.preprocessor == Preprocessor::Depth {
                return Err(Error::Setting(
                    "Pictures of depth are made on this machine only; let the control follow a picture of depth, with the preprocessor None.".into(),
                ));
            }
            uploaded.hints.push(self.upload(&preprocessed(hint, control.preprocessor), cancel)?);
        }
        let checkpoint = self.checkpoint(&request.model)?;
        let graph = graph(&settings, &self.offer, checkpoint, &uploaded, host)?;
        let (result, sampler) = (RESULT.to_owned(), "sampler".to_owned());
        let most_side = sampled.0.max(sampled.1);
        Ok((Job { client, graph, result, sampler, size: Some(sampled), most_side }, mask))
    }
}

impl Engine for ComfyEngine {
    fn capabilities(&mut self) -> Capabilities {
        let host = self.client.host().to_owned();
        Capabilities {
            name: host.clone(),
            devices: Vec::new(),
            limits: self.offer.limits(&host),
            models: Some(self.offer.models().map(str::to_owned).collect()),
            server: Some(host),
        }
    }

    /// The server has settings of its own.
    fn configure(&mut self, _runtime: &Runtime) {}

    /// Looks whether the server has the model; it loads it with the first picture.
    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        cancel.check()?;
        // What was added there since.
        let (client, host) = (self.client.clone(), self.client.host().to_owned());
        let asked = background::ask(&host, cancel, move || ComfyOffer::ask(&client))?;
        self.offer = Arc::new(asked.map_err(|trouble| trouble.into_error(&host))?);
        if self.own.is_none() {
            self.checkpoint(model)?;
        }
        Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None })
    }

    fn made_with(&mut self, _model: &ModelChoice) -> MadeWith {
        let graph = if self.own.is_some() { " (an exported graph)" } else { "" };
        let program = format!("{}{graph} through underpaint {}", self.offer.program, env!("CARGO_PKG_VERSION"));
        MadeWith { program, ..MadeWith::default() }
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        request.check()?;
        let host = self.client.host().to_owned();
        for image in 0..request.images() {
            cancel.check()?;
            if cancel.is_left_out(image) {
                continue;
            }
            let (seed, variation_seed) = request.seeds_of(image);
            let (job, mask) = self.job(request, image, cancel)?;
            let mut shown = RgbImage::from_pixel(1, 1, image::Rgb([128; 3]));
            let made = job.run(cancel, &|| cancel.is_left_out(image), &mut |progress| match progress {
                Progress::Waits(0) => {}
                Progress::Waits(before) => {
                    let jobs = if before == 1 { "1 job".to_owned() } else { format!("{before} jobs") };
                    on_event(Event::Notice(format!("{host} makes {jobs} of others first.")));
                }
                Progress::Step { step, steps, preview } => {
                    if let Some(preview) = preview {
                        shown = preview;
                    }
                    on_event(Event::Step { image, step, steps, preview: shown.clone() });
                }
            })?;
            let Some(mut picture) = made else { continue };
            if let (Some(mask), Some(start)) = (&mask, request.start()) {
                picture = mask.finished(picture, start);
            }
            on_event(Event::Finished(FinishedImage { image, seed, variation_seed, picture, made_by: None }));
        }
        Ok(())
    }
}
