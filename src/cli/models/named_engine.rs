//! The engine on this machine among servers, which know a model by its name and not by a path of this machine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::here::models_here;
use super::named::is_name;
use crate::engine::{
    Cancel, Capabilities, Engine, Error, Estimator, Event, LoadProgress, MadeWith, ModelChoice, ModelInfo, NoisedStart,
    Request, Runtime,
};
use crate::models::{FoundKind, named_model};

/// An engine that is asked for a model by its name, and uses the file here that is called so.
pub struct NamedModels<E, F> {
    engine: E,
    find: F,
    found: HashMap<PathBuf, PathBuf>,
}

/// This engine, for which a name is a model that `underpaint models list` shows.
pub fn with_named_models<E: Engine>(engine: E) -> impl Engine {
    let find = |name: &str| {
        let found = models_here().ok()?;
        named_model(name, &found.list, &[FoundKind::Model]).ok().map(|model| model.path.clone())
    };
    NamedModels { engine, find, found: HashMap::new() }
}

impl<E: Engine, F: FnMut(&str) -> Option<PathBuf> + Send> NamedModels<E, F> {
    /// The model here that a choice means; the choice itself where it is a path, or no name that is known here.
    fn here(&mut self, model: &ModelChoice) -> ModelChoice {
        let ModelChoice::Path(path) = model else { return model.clone() };
        if path.exists() || !is_name(path) {
            return model.clone();
        }
        if let Some(file) = self.found.get(path).filter(|file| file.exists()) {
            return ModelChoice::Path(file.clone());
        }
        match path.to_str().and_then(&mut self.find) {
            Some(file) => {
                self.found.insert(path.clone(), file.clone());
                ModelChoice::Path(file)
            }
            None => model.clone(),
        }
    }

    /// A request for the model here that it means.
    fn request_here(&mut self, request: &Request) -> Request {
        Request { model: self.here(&request.model), ..request.clone() }
    }
}

impl<E: Engine, F: FnMut(&str) -> Option<PathBuf> + Send> Engine for NamedModels<E, F> {
    fn capabilities(&mut self) -> Capabilities {
        self.engine.capabilities()
    }

    fn configure(&mut self, runtime: &Runtime) {
        self.engine.configure(runtime);
    }

    fn load(&mut self, model: &ModelChoice, cancel: &Cancel) -> Result<ModelInfo, Error> {
        let here = self.here(model);
        self.engine.load(&here, cancel).map(|info| ModelInfo { choice: model.clone(), ..info })
    }

    fn load_with_progress(
        &mut self,
        model: &ModelChoice,
        cancel: &Cancel,
        progress: LoadProgress,
    ) -> Result<ModelInfo, Error> {
        let here = self.here(model);
        let loaded = self.engine.load_with_progress(&here, cancel, progress);
        loaded.map(|info| ModelInfo { choice: model.clone(), ..info })
    }

    fn made_with(&mut self, model: &ModelChoice) -> MadeWith {
        let here = self.here(model);
        self.engine.made_with(&here)
    }

    fn estimator(&mut self, model: &ModelChoice) -> Option<Arc<dyn Estimator>> {
        let here = self.here(model);
        self.engine.estimator(&here)
    }

    fn noised_start(&mut self, request: &Request, cancel: &Cancel) -> Result<Option<Arc<dyn NoisedStart>>, Error> {
        let request = self.request_here(request);
        self.engine.noised_start(&request, cancel)
    }

    fn generate(&mut self, request: &Request, cancel: &Cancel, on_event: &mut dyn FnMut(Event)) -> Result<(), Error> {
        let request = self.request_here(request);
        self.engine.generate(&request, cancel, on_event)
    }

    fn generate_each(
        &mut self,
        requests: &[Request],
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let requests: Vec<Request> = requests.iter().map(|request| self.request_here(request)).collect();
        self.engine.generate_each(&requests, cancel, on_event)
    }

    fn live_frame(&mut self, request: &Request, cancel: &Cancel) -> Result<RgbImage, Error> {
        let request = self.request_here(request);
        self.engine.live_frame(&request, cancel)
    }

    fn rest(&mut self) {
        self.engine.rest();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::engine::{Recommended, Settings};

    /// Notes the models that it is asked for.
    struct Notes(Arc<std::sync::Mutex<Vec<ModelChoice>>>);

    impl Engine for Notes {
        fn capabilities(&mut self) -> Capabilities {
            Capabilities::default()
        }

        fn configure(&mut self, _: &Runtime) {}

        fn load(&mut self, model: &ModelChoice, _: &Cancel) -> Result<ModelInfo, Error> {
            self.0.lock().expect("lock").push(model.clone());
            Ok(ModelInfo { choice: model.clone(), recommended: Recommended::default(), counter: None })
        }

        fn generate(&mut self, request: &Request, _: &Cancel, _: &mut dyn FnMut(Event)) -> Result<(), Error> {
            self.0.lock().expect("lock").push(request.model.clone());
            Ok(())
        }
    }

    #[test]
    fn a_name_is_the_file_of_that_name_and_a_path_stays_what_it_is() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("dream.safetensors");
        std::fs::write(&file, b"").expect("writes");
        let (notes, mut searches) = (Arc::default(), 0);
        let find = |name: &str| {
            searches += 1;
            (name == "dream").then(|| file.clone())
        };
        let mut engine = NamedModels { engine: Notes(Arc::clone(&notes)), find, found: HashMap::new() };
        let path = |path: &Path| ModelChoice::Path(path.to_path_buf());
        let (name, other) = (path(Path::new("dream")), path(Path::new("other")));
        let info = engine.load(&name, &Cancel::default()).expect("loads");
        assert_eq!(info.choice, name, "it is called as it was asked for");
        let request =
            |model: &ModelChoice| Request::new(model.clone(), Settings { seed: 1, ..Settings::default() }, None);
        engine.generate(&request(&name), &Cancel::default(), &mut |_| {}).expect("makes it");
        engine.generate_each(&[request(&name)], &Cancel::default(), &mut |_| {}).expect("makes it");
        for model in [&other, &path(&file), &ModelChoice::Starter] {
            engine.load(model, &Cancel::default()).expect("loads");
        }
        drop(engine);
        let here = path(&file);
        let asked = notes.lock().expect("lock").clone();
        assert_eq!(asked, [here.clone(), here.clone(), here.clone(), other, here, ModelChoice::Starter]);
        assert_eq!(searches, 2, "a name that was found is not searched again");
    }
}
