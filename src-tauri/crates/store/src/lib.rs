//! What outlives a restart: clientes and their timeline, in SQLite.
