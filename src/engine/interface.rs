//! The trait that every engine implements.

use std::fmt::Debug;
use std::sync::Arc;

use image::RgbImage;

use super::{
    Cancel, DeviceChoice, EngineLimits, Error, Estimator, Event, MadeWith, ModelChoice, ModelInfo, NoisedStart,
    Request, Runtime,
};

/// What an engine can do here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// What the engine is called in the window.
    pub name: String,
    /// The devices that can be chosen, the automatic choice first; empty where the engine chooses.
    pub devices: Vec<DeviceChoice>,
    /// The server that start images, masks, prompts and settings are sent to; `None` where nothing leaves this machine.
    pub server: Option<String>,
    /// What it lacks. A server says it when a model is loaded.
    pub limits: EngineLimits,
    /// The names of the models it can use; `None` where those are files of this machine.
    pub models: Option<Vec<String>>,
}

/// How many tokens a prompt has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens used; chunks that are filled up count as full.
    pub used: usize,
    /// Tokens that fit into the chunks used.
    pub room: usize,
}

/// Counts a prompt's tokens as a loaded model does.
pub trait TokenCounter: Debug + Send + Sync {
    /// The tokens of `prompt`; quick enough to be asked at every key press.
    fn count(&self, prompt: &str) -> TokenCount;
}

/// Told which share of a model is loaded, in `0.0..=1.0`, from any thread.
pub type LoadProgress = Arc<dyn Fn(f64) + Send + Sync>;

/// Makes pictures. One thread owns an engine and calls it; nothing else is shared with it than the
/// [`Cancel`] flag.
pub trait Engine: Send {
    /// What this engine can do. May take a moment: devices are asked.
    fn capabilities(&mut self) -> Capabilities;

    /// From now on work here. Models are loaded again only where this changes what was loaded.
    fn configure(&mut self, runtime: &Runtime);

    /// Loads a model unless it is loaded already. When that fails, the previous model stays usable: where
    /// memory is too short for both it may have been freed, and is loaded again.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or why the model cannot be used.
    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error>;

    /// As [`Engine::load`], telling `progress` how far it is where the engine knows.
    ///
    /// # Errors
    /// As [`Engine::load`].
    fn load_with_progress(
        &mut self,
        model: &ModelChoice,
        cancel: &Cancel,
        _progress: LoadProgress,
    ) -> Result<ModelInfo, Error> {
        self.load(model, cancel)
    }

    /// What computes pictures of this model here, to be written into their files. May read a few files.
    fn made_with(&mut self, _model: &ModelChoice) -> MadeWith {
        MadeWith::default()
    }

    /// What estimates rounds with this model as the engine is configured now, without loading its weights; `None`
    /// where that cannot be told. May read a few files and measure for up to a second.
    fn estimator(&mut self, _model: &ModelChoice) -> Option<Arc<dyn Estimator>> {
        None
    }

    /// Encodes the start image of a request with the loaded model, so that it can be looked at under noise; `None` if
    /// there is no start image, if another model is loaded, or where the engine cannot do this.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or what went wrong.
    fn noised_start(&mut self, _request: &Request, _cancel: &Cancel) -> Result<Option<Arc<dyn NoisedStart>>, Error> {
        Ok(None)
    }

    /// Loads what is needed and makes every picture of a request, reporting through `on_event`. Pictures that
    /// `cancel` leaves out are not made, also when they are left out while they are being made.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once `cancel` is set (finished images have been reported already), or what
    /// went wrong.
    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error>;

    /// Makes the pictures of one job that have a request each, such as those of a batch whose prompts differ. Picture `i` is
    /// that of `requests[i]`, which asks for one picture; it has this place in what is reported and left out. An engine that
    /// works in several places may share them.
    ///
    /// # Errors
    /// As [`Engine::generate`].
    fn generate_each(
        &mut self,
        requests: &[Request],
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        for (image, request) in requests.iter().enumerate() {
            cancel.check()?;
            if cancel.is_left_out(image) {
                continue;
            }
            match self.generate(request, &cancel.of_image(image), &mut |event| on_event(event.moved_by(image))) {
                Err(Error::Cancelled) if cancel.is_left_out(image) && !cancel.is_cancelled() => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// Makes the picture of a request for one picture as [`Engine::generate`] does, to the bit. It is one of many in a row
    /// (live painting), of which nothing else is wanted: an engine need not draw previews, and may keep memory for the next
    /// one until [`Engine::rest`] is called.
    ///
    /// # Errors
    /// As [`Engine::generate`].
    fn live_frame(&mut self, request: &Request, cancel: &Cancel) -> Result<RgbImage, Error> {
        let mut picture = None;
        self.generate(request, cancel, &mut |event| {
            if let Event::Finished(finished) = event {
                picture = Some(finished.picture);
            }
        })?;
        picture.ok_or_else(|| Error::Internal("a frame was finished without a picture".into()))
    }

    /// Gives back the memory that was kept for the next frame.
    fn rest(&mut self) {}
}
