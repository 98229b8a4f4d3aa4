//! `POST /sdapi/v1/options`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::make_pictures::{beside, not_done, refused};
use crate::server::failure::Failure;
use crate::server::job::Work;
use crate::server::shared::{Shared, lock};

/// Changes options. A model that is chosen is loaded before the answer; if it cannot be, nothing has changed.
///
/// # Errors
/// A value that cannot be used, a full queue, and why a model cannot be loaded.
pub(in crate::server) async fn change_options(
    shared: &Arc<Shared>,
    sent: Map<String, Value>,
) -> Result<Value, Failure> {
    let (context, names) = (Arc::clone(shared), sent.clone());
    let wanted = beside(move || context.options().changed(&names, &context.shelf)).await??;
    if wanted.model != shared.options().model {
        let place = shared.queue.enter(Work::Load(wanted.model)).map_err(refused)?;
        place.outcome().await.map_err(not_done)?;
    }
    // Other clients may have changed other options meanwhile.
    let context = Arc::clone(shared);
    beside(move || {
        let changed = context.options().changed(&sent, &context.shelf)?;
        *lock(&context.options) = changed;
        Ok(Value::Null)
    })
    .await?
}
