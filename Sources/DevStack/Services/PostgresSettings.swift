/// The configuration files of the stack's Postgres, with the reasons for each setting.
struct PostgresSettings: Sendable {
    let port: Int

    /// The content of `pg_hba.conf`.
    var clientAuthentication: String {
        """
        # Only this machine, only with a password; there is no Unix socket.
        host all all 127.0.0.1/32 scram-sha-256

        """
    }

    /// The content of `postgresql.conf`.
    var server: String {
        """
        # Written anew before every start.

        # Reachable from this machine only. No Unix socket: its path would be too long in deep directories.
        listen_addresses = '127.0.0.1'
        port = \(port)
        unix_socket_directories = ''
        password_encryption = 'scram-sha-256'

        # Every program has a pool of its own, and tests run in parallel with a pool each.
        max_connections = 200
        shared_buffers = 128MB
        work_mem = 8MB
        maintenance_work_mem = 64MB     # building an HNSW index needs more than the default
        huge_pages = off

        # What a client was told is committed has to survive a power cut: tests that kill the server rely on it.
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        wal_compression = on
        # Fewer, longer checkpoints: bursts of small batched writes come with every film.
        max_wal_size = 1GB
        min_wal_size = 80MB
        checkpoint_timeout = 10min
        checkpoint_completion_target = 0.9

        # Task tables are queues: rows change state often, and dead rows must not pile up between two rounds.
        autovacuum_naptime = 10s
        autovacuum_vacuum_scale_factor = 0.05
        autovacuum_vacuum_cost_delay = 1ms

        # Statements are short: compiling them costs more than running them. The disk is an SSD.
        jit = off
        random_page_cost = 1.1

        # A client that vanished must not hold locks for ever.
        idle_in_transaction_session_timeout = 5min
        tcp_keepalives_idle = 30

        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'
        log_line_prefix = '%m [%p] %a '
        log_min_duration_statement = 500ms
        log_lock_waits = on

        """
    }
}
