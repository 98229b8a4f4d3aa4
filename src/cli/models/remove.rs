//! `underpaint models remove`: deletes what was fetched.

use std::path::Path;

use anyhow::bail;

use super::super::{default_home, harmless, print_line};
use super::here::{keep, models_here};
use crate::hub::cache::Cache;
use crate::hub::{Environment, Repository};
use crate::models::{FoundKind, FoundModel, Origin, Remembered, named_model, size_text};

/// What `underpaint models remove` deletes.
#[derive(clap::Args, Debug)]
pub struct RemoveArgs {
    /// A name from underpaint models list, or owner/name of the hub
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Delete it; without this nothing is deleted, and what would be is said
    #[arg(long)]
    pub yes: bool,
}

/// Deletes a model from the hub's cache, with all of its repository there, or from the program's own folder. Files of
/// other programs and of named folders are left alone. Returns whether something was deleted.
///
/// # Errors
/// If it is not here, belongs to another program, or cannot be deleted.
pub(super) fn remove(args: &RemoveArgs) -> anyhow::Result<bool> {
    let found = models_here()?;
    let model = named_model(&args.name, &found.list, &FoundKind::ALL)?;
    match (model.origin, &model.repository) {
        (Origin::HubCache, Some(repository)) => remove_repository(args, model, repository),
        (Origin::Own, _) => remove_own(args, model),
        _ => bail!(
            "{} is in a folder of {}, and only the hub's cache and the program's own folder are tidied here. Delete it by hand: {}",
            model.name,
            model.origin.label(),
            model.path.display()
        ),
    }
}

fn remove_repository(args: &RemoveArgs, model: &FoundModel, id: &str) -> anyhow::Result<bool> {
    let (cache, repository) = (Cache::new(Environment::of_this_process()?.cache), Repository::new(id)?);
    let size = cache.repository(&repository).map_or(model.size, |found| found.size);
    if !args.yes {
        print_line(&harmless(&format!(
            "This would delete {id} from {}, which frees {}. Other programs that use it fetch it again. To do it, add --yes.",
            cache.root().display(),
            size_text(size)
        )));
        return Ok(false);
    }
    let freed = cache.remove(&repository, None)?;
    forget(&model.path);
    print_line(&harmless(&format!("{id} was deleted, which freed {}.", size_text(freed))));
    Ok(true)
}

fn remove_own(args: &RemoveArgs, model: &FoundModel) -> anyhow::Result<bool> {
    let (path, size) = (&model.path, size_text(model.size));
    if !args.yes {
        let text = format!("This would delete {}, which frees {size}. To do it, add --yes.", path.display());
        print_line(&harmless(&text));
        return Ok(false);
    }
    // A link is deleted and not what it leads to.
    let is_folder = std::fs::symlink_metadata(path).is_ok_and(|about| about.is_dir());
    let deleted = if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    if let Err(error) = deleted {
        bail!("{} could not be deleted: {}.", path.display(), crate::picture::plain_reason(&error));
    }
    forget(path);
    print_line(&harmless(&format!("{} was deleted, which freed {size}.", path.display())));
    Ok(true)
}

/// What was known of a file that is gone is of no use.
fn forget(path: &Path) {
    let mut remembered = Remembered::open(default_home().as_deref());
    remembered.forget(path);
    keep(&mut remembered);
}
