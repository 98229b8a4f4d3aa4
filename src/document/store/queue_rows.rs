//! The rounds that wait to be made, as rows.

use rusqlite::{Connection, Transaction, params};

use super::StoredJob;
use super::read::{Parse, bad, get, round_number};
use crate::engine::ModelChoice;

/// Replaces all rows.
pub(super) fn write(transaction: &Transaction<'_>, jobs: &[StoredJob]) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM queue", [])?;
    let mut insert =
        transaction.prepare("INSERT INTO queue (place, round, model, skipped, begun) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (place, job) in jobs.iter().enumerate() {
        insert.execute(params![
            place as i64,
            job.round as i64,
            model_text(&job.model),
            // A list of numbers can always be written.
            serde_json::to_string(&job.skipped).unwrap_or_else(|_| "[]".into()),
            job.is_begun,
        ])?;
    }
    Ok(())
}

/// A path that is not UTF-8 cannot be written as JSON; what is written instead is looked for in vain, and its name
/// says which model is missing.
fn model_text(model: &ModelChoice) -> String {
    serde_json::to_string(model)
        .or_else(|_| serde_json::to_string(&ModelChoice::Path(model.name().into())))
        .unwrap_or_default()
}

/// All rows in their order. A file of version 1 has none.
pub(super) fn read(connection: &Connection) -> Parse<Vec<StoredJob>> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'queue'";
    if connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare("SELECT * FROM queue ORDER BY place")?;
    let mut rows = statement.query([])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let (model, skipped): (String, String) = (get(row, "model")?, get(row, "skipped")?);
        jobs.push(StoredJob {
            round: round_number(get(row, "round")?)?,
            model: serde_json::from_str(&model).map_err(|_| bad("model", &model))?,
            skipped: serde_json::from_str(&skipped).map_err(|_| bad("skipped", &skipped))?,
            is_begun: get(row, "begun")?,
        });
    }
    Ok(jobs)
}
