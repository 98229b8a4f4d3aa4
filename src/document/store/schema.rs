//! The versions of the document file, and the steps from one to the next.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// What the header of every document file says: `UPNT`.
pub(super) const APPLICATION_ID: i32 = 0x5550_4e54;

/// One step to each version, the first from an empty database.
const STEPS: &[&str] = &[include_str!("migrations/0001_first.sql")];

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
