//! The versions of the document file, and the steps from one to the next.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// What the header of every document file says: `UPNT`.
pub(super) const APPLICATION_ID: i32 = 0x5550_4e54;

/// One step to each version, the first from an empty database.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_made_with.sql"),
    include_str!("migrations/0003_steps.sql"),
    include_str!("migrations/0004_queue.sql"),
    include_str!("migrations/0005_view.sql"),
    include_str!("migrations/0006_layers.sql"),
];

/// The version that is written, and the newest that can be written to.
pub(super) const VERSION: i32 = STEPS.len() as i32;

/// Brings a database up to [`VERSION`] in one transaction; an empty one becomes an empty document file.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    migrate_with(connection, STEPS)
}

/// The version of a document file; 0 of an empty database.
pub(super) fn version_of(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Whether the tables of a file are exactly those of its version; of a newer version, whether they are tables at
/// all.
pub(super) fn is_intact(connection: &Connection, version: i32) -> rusqlite::Result<bool> {
    let found = schema_of(connection)?;
    if version > VERSION {
        return Ok(found.iter().all(|(kind, _)| kind == "table" || kind == "index"));
    }
    // A file that can only be read keeps its older version.
    let done = usize::try_from(version).unwrap_or(0).min(STEPS.len());
    let mut fresh = Connection::open_in_memory()?;
    migrate_with(&mut fresh, &STEPS[..done])?;
    Ok(found == schema_of(&fresh)?)
}

/// Kind and statement of everything in a database. A statement that is not UTF-8 is an error.
fn schema_of(connection: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let mut statement = connection.prepare("SELECT type, sql FROM sqlite_schema ORDER BY type, name")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The columns of a table in the present version.
pub(super) fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare("SELECT name FROM pragma_table_info(?1)")?.query_map([table], |row| row.get(0))?.collect()
}

fn migrate_with(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let done = usize::try_from(version_of(&transaction)?).unwrap_or(0);
    for step in steps.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", steps.len().max(done) as i32)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_made_once_and_a_failed_one_leaves_the_old_version() {
        let mut connection = Connection::open_in_memory().expect("opens");
        migrate(&mut connection).expect("the first version");
        connection.execute("INSERT INTO tile VALUES (1, 2, x'00')", []).expect("inserts");
        migrate(&mut connection).expect("nothing to do");
        let later = [STEPS, &["ALTER TABLE tile ADD COLUMN layer INTEGER NOT NULL DEFAULT 0"]].concat();
        let broken = [&later[..], &["CREATE TABLE half (x)", "no SQL"]].concat();
        assert!(migrate_with(&mut connection, &broken).is_err());
        assert_eq!(version_of(&connection).expect("reads"), VERSION);
        migrate_with(&mut connection, &later).expect("migrates");
        assert_eq!(version_of(&connection).expect("reads"), VERSION + 1);
        let layer: i64 = connection.query_row("SELECT layer FROM tile", [], |row| row.get(0)).expect("reads");
        assert_eq!(layer, 0);
        migrate_with(&mut connection, &later).expect("nothing to do");
    }
}
