import GRDB

/// The shape of the database, as a list of named steps that are never edited once released.
///
/// A call's state is a small row that is written several times; its request and its answer, which may be large, are
/// rows of their own that are written once.
enum QueueMigrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("calls") { database in
            try database.execute(
                sql: """
                    CREATE TABLE calls (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        function TEXT NOT NULL,
                        spelling TEXT NOT NULL,
                        queue TEXT NOT NULL,
                        method TEXT NOT NULL,
                        target TEXT NOT NULL,
                        state INTEGER NOT NULL DEFAULT 0,
                        bytes INTEGER NOT NULL,
                        attempts INTEGER NOT NULL DEFAULT 0,
                        accepted_at INTEGER NOT NULL,
                        due_at INTEGER NOT NULL,
                        started_at INTEGER,
                        finished_at INTEGER,
                        status INTEGER,
                        error TEXT,
                        microseconds INTEGER,
                        idempotency_key TEXT,
                        callback_url TEXT,
                        callback_state INTEGER NOT NULL DEFAULT 0,
                        callback_attempts INTEGER NOT NULL DEFAULT 0,
                        callback_due INTEGER,
                        callback_error TEXT,
                        answer_bytes INTEGER NOT NULL DEFAULT 0,
                        retired_at INTEGER
                    ) STRICT;
                    CREATE INDEX calls_waiting ON calls (queue, function, due_at, number, accepted_at) WHERE state = 0;
                    CREATE UNIQUE INDEX calls_once ON calls (function, idempotency_key)
                        WHERE idempotency_key IS NOT NULL;
                    CREATE INDEX calls_callbacks ON calls (callback_due) WHERE callback_state = 1;
                    CREATE INDEX calls_finished ON calls (retired_at) WHERE retired_at IS NOT NULL AND state <> 3;
                    CREATE INDEX calls_dead ON calls (retired_at) WHERE retired_at IS NOT NULL AND state = 3;
                    CREATE TABLE requests (
                        number INTEGER PRIMARY KEY,
                        headers TEXT NOT NULL,
                        body BLOB NOT NULL
                    ) STRICT;
                    CREATE TABLE answers (
                        number INTEGER PRIMARY KEY,
                        headers TEXT NOT NULL,
                        body BLOB NOT NULL,
                        is_cut INTEGER NOT NULL
                    ) STRICT;
                    """)
        }
        return migrator
    }
}
