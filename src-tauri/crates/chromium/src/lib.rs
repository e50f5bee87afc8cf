//! The browser driver: one Chromium per cliente over the debugging pipe.
