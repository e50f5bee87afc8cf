//! The local HTTP API and the wire types shared with the control room.
