//! The hub, and what can be asked of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cache::Cache;
use super::fetch_lock::FetchLock;
use super::fetcher::Fetcher;
use super::http::{Address, Asked, Client, Failure, with_tries};
use super::link::LinkedFile;
use super::listing::address_of;
use super::progress::ProgressMeter;
use super::resolved::Resolved;
use super::transfer::Source;
use super::{
    Control, Environment, Expected, FetchLimits, FileRequest, HubError, Listing, Progress, Repository, RepositoryFile,
    background, link, listing, repository_path, resolved, write_file,
};
use crate::engine::Cancel;

/// How often a file may change while it is fetched.
const MOST_CHANGES: usize = 3;

/// The hub: lists repositories and fetches files into the cache. It asks nothing by itself.
pub struct Hub {
    environment: Environment,
    cache: Cache,
    client: Arc<Client>,
    limits: FetchLimits,
    is_offline: AtomicBool,
}

impl Hub {
    /// The hub that these settings name, with the usual limits.
    ///
    /// # Errors
    /// [`HubError::Setup`] where its address, the token or a proxy make no sense.
    pub fn new(environment: Environment) -> Result<Self, HubError> {
        Self::with_limits(environment, FetchLimits::default())
    }

    /// The hub that these settings name, with other limits.
    ///
    /// # Errors
    /// [`HubError::Setup`] where its address, the token or a proxy make no sense.
    pub fn with_limits(environment: Environment, limits: FetchLimits) -> Result<Self, HubError> {
        let client = Client::new(&environment.endpoint, environment.token.as_deref(), &environment.proxies, &limits)?;
        let is_offline = AtomicBool::new(environment.offline);
        let cache = Cache::new(environment.cache.clone());
        Ok(Self { environment, cache, client: Arc::new(client), limits, is_offline })
    }

    /// The settings.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The cache on this machine.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Whether nothing may be fetched: the environment says so, or [`Hub::set_offline`].
    pub fn is_offline(&self) -> bool {
        self.is_offline.load(Ordering::Relaxed)
    }

    /// Allows or forbids to use the network from now on. What is being fetched goes on.
    pub fn set_offline(&self, is_offline: bool) {
        self.is_offline.store(is_offline, Ordering::Relaxed);
    }

    /// What a repository holds.
    ///
    /// # Errors
    /// [`HubError::Offline`], [`HubError::Cancelled`], and what the hub's answer means.
    pub fn list(&self, repository: &Repository, cancel: &Cancel) -> Result<Listing, HubError> {
        self.online(|| repository.id().to_owned())?;
        let control = Control::from(cancel);
        let repository = repository.clone();
        self.asked(&control, move |client| listing::ask(client, &repository))
    }

    /// Fetches a file into the cache and returns its path in the folder of its revision. A file that is complete in the
    /// cache is not fetched again, and is all there is while offline or when the hub cannot be reached.
    ///
    /// # Errors
    /// Every [`HubError`] but [`HubError::Exists`]. What was fetched by then is kept for the next try.
    pub fn fetch(
        &self,
        request: &FileRequest,
        control: &Control,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, HubError> {
        let name = || format!("{}:{}", request.repository.id(), request.file);
        if !repository_path::is_safe(&request.file) {
            return Err(HubError::Place(format!("{} is not the path of a file.", name())));
        }
        if let Err(offline) = self.online(name) {
            return self.kept(request).ok_or(offline);
        }
        let mut meter = ProgressMeter::new(on_progress);
        for _ in 0..MOST_CHANGES {
            let (repository, file) = (request.repository.clone(), request.file.clone());
            let resolved = match self.asked(control, move |client| resolved::ask(client, &repository, &file)) {
                Err(unreachable @ HubError::Unreachable { .. }) => {
                    return self.kept(request).ok_or(unreachable);
                }
                resolved => resolved?,
            };
            match self.fetch_resolved(request, &resolved, control, &mut meter) {
                Ok(path) => {
                    self.cache.note_ref(&request.repository, &resolved.commit)?;
                    return Ok(path);
                }
                Err(Failure::Changed) => tracing::info!(file = request.file, "changed on the hub while it was fetched"),
                Err(failure) => return Err(failure.into_error()),
            }
        }
        Err(Failure::Changed.into_error())
    }

    /// Fetches files of a list and returns the folder that they are in. Progress is that of all together.
    ///
    /// # Errors
    /// As [`Hub::fetch`]; what was fetched by then is kept for the next try.
    pub fn fetch_listed(
        &self,
        listing: &Listing,
        files: &[RepositoryFile],
        control: &Control,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, HubError> {
        // All of one commit, though the branch may move on meanwhile.
        let pinned = listing.repository.clone().at(&listing.commit)?;
        let requests: Vec<FileRequest> = files.iter().map(|file| FileRequest::listed(pinned.clone(), file)).collect();
        self.fetch_files(&requests, control, on_progress)?;
        // Only now: while offline a branch leads to files that are all here.
        self.cache.note_ref(&listing.repository, &listing.commit)?;
        self.cache.snapshot(&pinned).ok_or_else(|| HubError::NotFound(format!("{} has no files.", pinned.id())))
    }

    /// Fetches files one after the other and returns their paths. Progress is that of all together, as far as their sizes
    /// are expected ones; that of a single file needs none.
    ///
    /// # Errors
    /// As [`Hub::fetch`]; what was fetched by then is kept for the next try.
    pub fn fetch_files(
        &self,
        requests: &[FileRequest],
        control: &Control,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<PathBuf>, HubError> {
        let sizes = requests.iter().map(|request| request.expected.size);
        let total = sizes.into_iter().try_fold(0_u64, |sum, size| Some(sum.saturating_add(size?)));
        let mut done = 0_u64;
        let mut paths = Vec::with_capacity(requests.len());
        for request in requests {
            let mut of_all = |progress: Progress| {
                let bytes = done.saturating_add(progress.bytes);
                let total = total.or(progress.total.filter(|_| requests.len() == 1));
                let left = total.map(|total| total.saturating_sub(bytes));
                let seconds_left = progress.bytes_per_second.zip(left).map(|(speed, left)| left.div_ceil(speed.max(1)));
                on_progress(Progress { bytes, total, seconds_left, ..progress });
            };
            let path = self.fetch(request, control, &mut of_all)?;
            done = done.saturating_add(std::fs::metadata(&path).map_or(0, |about| about.len()));
            paths.push(path);
        }
        Ok(paths)
    }

    /// Fetches a file from anywhere into `folder` and returns its path. It gets the name that its server gives it; one
    /// of that name and size that is there already is not fetched again.
    ///
    /// # Errors
    /// [`HubError::Exists`] where another file has the name, and every other [`HubError`]. What was fetched by then is
    /// kept for the next try, if the server says how to tell that the file is still the same.
    pub fn fetch_link(
        &self,
        link: &str,
        folder: &Path,
        expected: &Expected,
        control: &Control,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, HubError> {
        let address = Address::parse(link)
            .ok_or_else(|| HubError::Place("This is not a complete link to a file; copy it again.".into()))?;
        let asked = Asked::Link(address.clone());
        self.online(|| asked.name())?;
        write_file::make_folder(folder)?;
        let mut meter = ProgressMeter::new(on_progress);
        for _ in 0..MOST_CHANGES {
            let address = address.clone();
            let found = self.asked(control, move |client| link::ask(client, &address))?;
            let target = folder.join(&found.name);
            match self.fetch_found(&found, &target, expected, control, &mut meter) {
                Ok(()) => return Ok(target),
                Err(Failure::Changed) => tracing::info!(name = found.name, "changed while it was fetched"),
                Err(failure) => return Err(failure.into_error()),
            }
        }
        Err(Failure::Changed.into_error())
    }

    fn fetch_found(
        &self,
        found: &LinkedFile,
        target: &Path,
        expected: &Expected,
        control: &Control,
        meter: &mut ProgressMeter<'_>,
    ) -> Result<(), Failure> {
        let LinkedFile { name, validator, source } = found;
        if expected.size.zip(source.size).is_some_and(|(wanted, size)| wanted != size) {
            return Err(Failure::Final(HubError::other_than_expected(&source.asked.name())));
        }
        let lock = target.with_file_name(format!(".{name}.underpaint-lock"));
        let held = FetchLock::wait(&lock, control, meter).map_err(Failure::Final)?;
        let result = match std::fs::metadata(target) {
            // Without a checksum its size is all that can be compared.
            Ok(about) if about.is_file() && Some(about.len()) == source.size => Ok(()),
            Ok(_) => Err(Failure::Final(HubError::Exists(target.to_path_buf()))),
            Err(_) => {
                let validator = validator.as_deref();
                self.fetcher(control).fetch_to(target, source, validator, expected, meter)
            }
        };
        // While it is held: then nobody waits for a file that is gone.
        if result.is_ok() {
            let _ = std::fs::remove_file(&lock);
        }
        drop(held);
        result
    }

    fn fetch_resolved(
        &self,
        request: &FileRequest,
        resolved: &Resolved,
        control: &Control,
        meter: &mut ProgressMeter<'_>,
    ) -> Result<PathBuf, Failure> {
        let FileRequest { repository, file, expected } = request;
        let Resolved { commit, etag, size } = resolved;
        let asked = Asked::File(repository.clone(), file.clone());
        let is_other_size = expected.size.zip(*size).is_some_and(|(wanted, size)| wanted != size);
        let is_other_content = listing::is_sha256(etag)
            && expected.sha256.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(etag));
        if is_other_size || is_other_content {
            return Err(Failure::Final(HubError::other_than_expected(&asked.name())));
        }
        let places = self.cache.places(repository, commit, file, etag);
        if !places.is_here(*size) {
            let held = FetchLock::wait(&places.lock, control, meter).map_err(Failure::Final)?;
            // Whoever held the lock may have fetched it.
            if !places.is_here(*size) {
                // The commit's own address: a branch may move on while parts are fetched.
                let pinned = repository.clone().at(commit).map_err(Failure::Final)?;
                let address = address_of(&self.client, &pinned, file)?;
                let source = Source { address, asked, identity: Some(etag.clone()), size: *size, has_ranges: true };
                self.fetcher(control).fetch_to(&places.blob, &source, None, expected, meter)?;
            }
            drop(held);
        }
        places.link().map_err(Failure::Final)?;
        Ok(places.pointer)
    }

    fn fetcher<'a>(&'a self, control: &'a Control) -> Fetcher<'a> {
        Fetcher { client: &self.client, limits: &self.limits, control }
    }

    /// The file as it is in the cache.
    fn kept(&self, request: &FileRequest) -> Option<PathBuf> {
        let path = self.cache.path_of(&request.repository, &request.file)?;
        let size = std::fs::metadata(&path).ok()?.len();
        request.expected.size.is_none_or(|wanted| wanted == size).then_some(path)
    }

    fn online(&self, what: impl Fn() -> String) -> Result<(), HubError> {
        if self.is_offline() { Err(HubError::Offline { what: what() }) } else { Ok(()) }
    }

    /// Asks until there is an answer, cancelling, or no more tries.
    fn asked<T: Send + 'static>(
        &self,
        control: &Control,
        ask: impl Fn(&Client) -> Result<T, Failure> + Clone + Send + 'static,
    ) -> Result<T, HubError> {
        with_tries(control, &self.limits, || {
            let (client, ask) = (Arc::clone(&self.client), ask.clone());
            background::run(control, move || ask(&client))
        })
    }
}
