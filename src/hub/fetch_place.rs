//! Fetching whatever a place names.

use std::path::{Path, PathBuf};

use super::{
    Control, Expected, FileRequest, Hub, HubError, Listing, Place, Progress, Repository, RepositoryFile, model_files,
};

/// What happens while a place is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchEvent {
    /// A repository's files are known, and which of them make its model.
    Listed {
        /// All of them.
        listing: Listing,
        /// Those that are fetched.
        files: Vec<RepositoryFile>,
    },
    /// How far fetching is, all files together.
    Progress(Progress),
}

impl Hub {
    /// Fetches what a place names: of a repository its model, as [`model_files`] chooses it. Files from elsewhere are
    /// saved in `folder`. Returns the file, or the folder of a model of several files.
    ///
    /// While offline, or when the hub cannot be reached, a repository's folder in the cache is returned without knowing
    /// whether it is complete.
    ///
    /// # Errors
    /// As [`Hub::list`], [`model_files`], [`Hub::fetch`] and [`Hub::fetch_link`].
    pub fn fetch_place(
        &self,
        place: &Place,
        folder: &Path,
        control: &Control,
        on_event: &mut dyn FnMut(FetchEvent),
    ) -> Result<PathBuf, HubError> {
        let mut on_progress = |progress| on_event(FetchEvent::Progress(progress));
        match place {
            Place::Repository(repository) => self.fetch_model(repository, control, on_event),
            Place::File { repository, file } => {
                self.fetch(&FileRequest::new(repository.clone(), file), control, &mut on_progress)
            }
            Place::Link(link) => self.fetch_link(link, folder, &Expected::default(), control, &mut on_progress),
        }
    }

    fn fetch_model(
        &self,
        repository: &Repository,
        control: &Control,
        on_event: &mut dyn FnMut(FetchEvent),
    ) -> Result<PathBuf, HubError> {
        let listing = match self.list(repository, control.cancel_flag()) {
            Err(offline @ (HubError::Offline { .. } | HubError::Unreachable { .. })) => {
                return self.cache().snapshot(repository).ok_or(offline);
            }
            listing => listing?,
        };
        let files = model_files(repository, &listing.files)?;
        on_event(FetchEvent::Listed { listing: listing.clone(), files: files.clone() });
        let folder =
            self.fetch_listed(&listing, &files, control, &mut |progress| on_event(FetchEvent::Progress(progress)))?;
        Ok(match files.as_slice() {
            [one] => folder.join(&one.path),
            _ => folder,
        })
    }
}
