import GRDB

/// The shape of the database, as a list of named steps that are never edited once released.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("functions and replicas") { database in
            try database.execute(
                sql: """
                    CREATE TABLE functions (
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        generation INTEGER NOT NULL,
                        replicas INTEGER NOT NULL,
                        deployment TEXT NOT NULL,
                        created_at INTEGER NOT NULL,
                        updated_at INTEGER NOT NULL,
                        PRIMARY KEY (namespace, name)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE replicas (
                        id TEXT NOT NULL PRIMARY KEY,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        generation INTEGER NOT NULL,
                        network_namespace TEXT NOT NULL,
                        address TEXT,
                        created_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("namespaces") { database in
            try database.execute(
                sql: """
                    CREATE TABLE namespaces (
                        name TEXT NOT NULL PRIMARY KEY,
                        labels TEXT NOT NULL,
                        annotations TEXT NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("readiness of replicas") { database in
            try database.execute(sql: "ALTER TABLE replicas ADD COLUMN ready_path TEXT")
        }
        return migrator
    }
}
