//! Fetches one file into the place where it belongs.

use std::path::Path;
use std::sync::Arc;

use super::http::{Client, Failure};
use super::progress::ProgressMeter;
use super::transfer::{Hashes, PartFile, Source, hashes, looks_like_its_name, transfer};
use super::{Control, Expected, FetchLimits, FetchStage, HubError, disk_space, write_file};

/// With what files are fetched.
pub(super) struct Fetcher<'a> {
    /// Sends the requests.
    pub client: &'a Arc<Client>,
    /// How patient it is.
    pub limits: &'a FetchLimits,
    /// Pauses and cancels.
    pub control: &'a Control,
}

impl Fetcher<'_> {
    /// Fetches `source` to `target`, which it replaces only with what is complete and checked. The caller holds the lock.
    ///
    /// # Errors
    /// [`Failure::Changed`] where the file is another one than `source` says; otherwise [`Failure::Final`].
    pub fn fetch_to(
        &self,
        target: &Path,
        source: &Source,
        validator: Option<&str>,
        expected: &Expected,
        meter: &mut ProgressMeter<'_>,
    ) -> Result<(), Failure> {
        let folder = target.parent().unwrap_or_else(|| Path::new("."));
        write_file::make_folder(folder).map_err(Failure::Final)?;
        let mut part = PartFile::open(target, source, validator).map_err(Failure::Final)?;
        let missing = source.size.unwrap_or(0).saturating_sub(part.count());
        disk_space::check(folder, &source.asked.name(), missing).map_err(Failure::Final)?;
        meter.enter(FetchStage::Fetching, part.count(), source.size);
        transfer(self.client, source, &mut part, self.limits, self.control, meter)?;
        self.check_and_finish(part, target, source, expected, meter).map_err(Failure::Final)
    }

    /// Gives a part its name if it is what it should be; removes it if not.
    fn check_and_finish(
        &self,
        part: PartFile,
        target: &Path,
        source: &Source,
        expected: &Expected,
        meter: &mut ProgressMeter<'_>,
    ) -> Result<(), HubError> {
        let found = hashes(part.path(), self.control, meter)?;
        let size = std::fs::metadata(part.path()).map_err(|error| HubError::read(part.path(), &error))?.len();
        let name = source.asked.name();
        if let Err(error) = check(&name, &found, size, source, expected) {
            part.remove();
            return Err(error);
        }
        // A name that is no checksum proves nothing of the content.
        if !source.identity.as_ref().is_some_and(|identity| [40, 64].contains(&identity.len()))
            && let Err(what) = looks_like_its_name(part.path(), &target.to_string_lossy())?
        {
            part.remove();
            let text = format!("{name} is {what}; fetch it in a browser to see what it is.");
            return Err(HubError::Damaged(text));
        }
        part.finish(target)
    }
}

fn check(name: &str, found: &Hashes, size: u64, source: &Source, expected: &Expected) -> Result<(), HubError> {
    let damaged = || {
        HubError::Damaged(format!(
            "{name} arrived damaged, as its checksum shows, and was thrown away; try again, and on another network if it happens again."
        ))
    };
    if source.size.is_some_and(|known| known != size) {
        return Err(damaged());
    }
    if let Some(identity) = &source.identity {
        let is_good = match identity.len() {
            64 => *identity == found.sha256,
            40 => found.git_sha1.is_empty() || *identity == found.git_sha1,
            // A server with other names than the hub's: its size alone can be compared.
            _ => true,
        };
        if !is_good {
            return Err(damaged());
        }
    }
    let is_other = expected.size.is_some_and(|wanted| wanted != size)
        || expected.sha256.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&found.sha256));
    if is_other { Err(HubError::other_than_expected(name)) } else { Ok(()) }
}
