//! The engine that asks a server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{select, tick};

use super::background::{self, LOOK};
use super::client::Client;
use super::cpp_request;
use super::masked::SentMask;
use super::offer::Offer;
use super::picture_answer::picture_of;
use super::picture_request::{PictureRequest, ServerNames, picture_request};
use super::trouble::Trouble;
use super::watch::{Progress, Watch};
use super::{Login, Patience, ServerKind, ServerUrl};
use crate::engine::{
    Cancel, Capabilities, Engine, Error, Event, FinishedImage, MadeWith, ModelChoice, ModelInfo, Plan, Recommended,
    Request, Runtime, Settings, Stage,
};

/// Makes pictures on a server that speaks the API of AUTOMATIC1111's web UI: AUTOMATIC1111, Forge, SD.Next, Draw Things,
/// KoboldCpp, stable-diffusion.cpp's server, or `underpaint serve`.
pub struct WebUiEngine {
    client: Client,
    /// What the server has, once it was asked.
    offer: Option<Arc<Offer>>,
    /// Whether it is stable-diffusion.cpp's, which reads some things otherwise.
    is_cpp: bool,
}

impl WebUiEngine {
    /// An engine for this server; nothing is sent yet.
    pub fn new(url: ServerUrl, login: Option<Login>) -> Self {
        Self::with_patience(url, login, Patience::default())
    }

    /// An engine with other limits.
    pub fn with_patience(url: ServerUrl, login: Option<Login>, patience: Patience) -> Self {
        Self { client: Client::new(url, login, patience), offer: None, is_cpp: false }
    }

    /// An engine for a server that was asked already.
    pub(super) fn with_offer(client: Client, kind: ServerKind, offer: Offer) -> Self {
        Self { client, offer: Some(Arc::new(offer)), is_cpp: kind == ServerKind::StableDiffusionCpp }
    }

    /// Asks the server what it has.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or why the server cannot be asked.
    pub fn offer(&mut self, cancel: &Cancel) -> Result<Arc<Offer>, Error> {
        let client = self.client.clone();
        let asked = background::ask(self.client.host(), cancel, move || Offer::ask(&client))?;
        let offer = Arc::new(asked.map_err(|trouble| trouble.into_error(self.client.host()))?);
        self.offer = Some(Arc::clone(&offer));
        Ok(offer)
    }

    fn known_offer(&mut self, cancel: &Cancel) -> Result<Arc<Offer>, Error> {
        match &self.offer {
            Some(offer) => Ok(Arc::clone(offer)),
            None => self.offer(cancel),
        }
    }

    /// The title by which the server knows a model.
    fn title(&self, offer: &Offer, model: &ModelChoice) -> Result<String, Error> {
        if let Some(found) = offer.model(model) {
            return Ok(found.title.clone());
        }
        const MOST_NAMED: usize = 8;
        let mut names: Vec<&str> = offer.models.iter().take(MOST_NAMED).map(|model| model.name.as_str()).collect();
        if offer.models.len() > MOST_NAMED {
            names.push("...");
        }
        let has = if names.is_empty() { "it lists none".into() } else { format!("it has {}", names.join(", ")) };
        Err(Error::Remote(format!("{} has no model called {}; {has}.", self.client.host(), model.name())))
    }

    /// Asks for one picture and waits for it, telling how far it is. `Ok(None)` if it was left out.
    fn picture(
        &self,
        asked: PictureRequest,
        size: (u32, u32),
        at: &mut Place<'_>,
    ) -> Result<Option<image::RgbImage>, Error> {
        let host = self.client.host().to_owned();
        let fail = |trouble: Trouble| trouble.into_error(&host);
        let client = self.client.clone();
        let answers = background::start(move || {
            let answer = client.post_picture(asked.name, &asked.body)?;
            // Decoding takes a moment too.
            picture_of(&answer, size)
        })
        .map_err(fail)?;
        let watch = Watch::start(self.client.clone(), size.0.max(size.1)).map_err(fail)?;
        let looks = tick(LOOK);
        // Of a server that tells no steps the time is told.
        let (began, mut seconds) = (Instant::now(), crossbeam_channel::never());
        let mut reports = watch.reports.clone();
        loop {
            if at.cancel.is_cancelled() || at.cancel.is_left_out(at.image) {
                self.interrupt();
                at.cancel.check()?;
                // Gives the server time to end this picture; the next request comes after that.
                let _ = answers.recv_timeout(Duration::from_secs(5));
                return Ok(None);
            }
            select! {
                recv(answers) -> answer => {
                    let answer = answer.map_err(|_| Error::Internal("a request ended without a result".into()))?;
                    return match answer.map_err(fail)? {
                        Some(picture) => Ok(Some(picture)),
                        None => Err(Error::Remote(format!("{host} made no picture: it was interrupted there."))),
                    };
                }
                recv(reports) -> report => match report {
                    Ok(Progress::Step { step, steps, preview }) => at.step(step, steps, preview),
                    Ok(Progress::Unknown) => {
                        if !at.is_told {
                            at.is_told = true;
                            let text = format!("{host} does not tell how far a picture is.");
                            (at.on_event)(Event::Notice(text));
                        }
                        reports = crossbeam_channel::never();
                        seconds = tick(Duration::from_secs(1));
                    }
                    Ok(Progress::Silent(time)) if time > self.client.patience.silence => {
                        let text = format!("{host} has not answered for {} seconds. Look whether it still runs.", time.as_secs());
                        return Err(Error::Remote(text));
                    }
                    Ok(Progress::Silent(_)) => {}
                    Err(_) => reports = crossbeam_channel::never(),
                },
                recv(seconds) -> _ => {
                    let (image, seconds) = (at.image, began.elapsed().as_secs());
                    (at.on_event)(Event::Stage(Stage::Working { image, seconds }));
                }
                recv(looks) -> _ => {}
            }
        }
    }

    /// The request for one picture of these settings, whose seed is the picture's own.
    fn asked(
        &self,
        settings: &Settings,
        names: &ServerNames,
        start: Option<&image::RgbImage>,
        mask: Option<&SentMask>,
        cancel: &Cancel,
    ) -> Result<PictureRequest, Error> {
        let asked = picture_request(settings, names, start, mask)?;
        if !self.is_cpp {
            return Ok(asked);
        }
        let host = self.client.host();
        let loras = match cpp_request::names_loras(settings) {
            true => {
                let client = self.client.clone();
                let list = background::ask(host, cancel, move || client.get("loras"))?;
                list.map_err(|trouble| trouble.into_error(host))?
            }
            false => serde_json::Value::Null,
        };
        cpp_request::for_cpp(asked, settings, &loras, host)
    }

    /// Tells the server to end what it works on. Whether that arrives does not matter here.
    fn interrupt(&self) {
        let client = self.client.clone();
        let told = background::start(move || client.post_empty("interrupt"));
        if let Err(trouble) = told {
            tracing::warn!(?trouble, "the server could not be told to end");
        }
    }
}

/// The picture that is being made.
struct Place<'a> {
    image: usize,
    cancel: &'a Cancel,
    on_event: &'a mut dyn FnMut(Event),
    /// Whether it was told that the server tells no progress.
    is_told: bool,
    preview: image::RgbImage,
}

impl Place<'_> {
    fn step(&mut self, step: usize, steps: usize, preview: Option<image::RgbImage>) {
        if let Some(preview) = preview {
            self.preview = preview;
        }
        (self.on_event)(Event::Step { image: self.image, step, steps, preview: self.preview.clone() });
    }
}

impl Engine for WebUiEngine {
    fn capabilities(&mut self) -> Capabilities {
        let host = self.client.host().to_owned();
        let limits = self.offer.as_ref().map(|offer| offer.limits(&host)).unwrap_or_default();
        let models = self.offer.as_ref().map(|offer| offer.models.iter().map(|model| model.name.clone()).collect());
        Capabilities { name: host.clone(), devices: Vec::new(), server: Some(host), limits, models }
    }

    /// The server has settings of its own.
    fn configure(&mut self, _runtime: &Runtime) {}

    /// Looks whether the server has the model; it loads it with the first picture.
    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        cancel.check()?;
        let offer = self.offer(cancel)?;
        self.title(&offer, model)?;
        Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None })
    }

    fn made_with(&mut self, model: &ModelChoice) -> MadeWith {
        let Ok(offer) = self.known_offer(&Cancel::default()) else { return MadeWith::default() };
        let server = if offer.program.is_empty() { "web UI API" } else { offer.program.as_str() };
        MadeWith {
            program: format!("{server} through underpaint {}", env!("CARGO_PKG_VERSION")),
            model_hash: offer.model(model).map(|model| model.hash.clone()).unwrap_or_default(),
            ..MadeWith::default()
        }
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        request.check()?;
        let offer = self.known_offer(cancel)?;
        let model = self.title(&offer, &request.model)?;
        let mut is_told = false;
        for image in 0..request.images() {
            cancel.check()?;
            if cancel.is_left_out(image) {
                continue;
            }
            let (seed, variation_seed) = request.seeds_of(image);
            let settings = Settings {
                seed: seed as i64,
                variation_seed: variation_seed as i64,
                batch: 1,
                ..request.settings_of(image)
            };
            if self.is_cpp {
                cpp_request::check(&settings, self.client.host())?;
            }
            let sampling = offer.sampling(settings.sampler, settings.schedule, self.client.host());
            let (sampler, scheduler) = sampling.map_err(Error::Remote)?;
            let names = ServerNames { model: model.clone(), sampler, scheduler };
            // At denoising strength 1 a start image has no influence unless a part of it is kept.
            let uses_start = Plan { sheet: None, ..request.plan.clone() }.starts_from_picture(&settings);
            let start = request.start().filter(|_| uses_start);
            let sent = |mask| match self.is_cpp {
                true => SentMask::blended_here(mask, &settings),
                false => SentMask::new(mask, &settings),
            };
            let mask = request.plan.mask.as_ref().filter(|_| start.is_some()).map(sent);
            let size = match start {
                Some(start) if settings.samples_masked_part() && mask.is_some() => start.dimensions(),
                _ => (settings.width as u32, settings.height as u32),
            };
            let asked = self.asked(&settings, &names, start, mask.as_ref(), cancel)?;
            let preview = image::RgbImage::from_pixel(1, 1, image::Rgb([128; 3]));
            let mut at = Place { image, cancel, on_event: &mut *on_event, is_told, preview };
            let made = self.picture(asked, size, &mut at)?;
            is_told = at.is_told;
            let Some(mut picture) = made else { continue };
            if let (Some(mask), Some(start)) = (&mask, start) {
                picture = mask.finished(picture, start);
            }
            on_event(Event::Finished(FinishedImage { image, seed, variation_seed, picture, made_by: None }));
        }
        Ok(())
    }
}
