//! A job object: processes that end together.

use std::ffi::c_void;
use std::io;
use std::mem::{offset_of, size_of};
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_PROCESS_ID_LIST, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectBasicProcessIdList, JobObjectExtendedLimitInformation, QueryInformationJobObject,
    SetInformationJobObject, TerminateJobObject,
};

use super::owned;

/// How many processes are asked for. A browser of ours has about ten; with more, the others are seen once these ended.
const MEMBERS: usize = 512;

/// A job whose processes die when it is dropped, or when we end in any other way.
#[derive(Debug)]
pub(super) struct Job {
    handle: OwnedHandle,
}

impl Job {
    /// A job without a name, so nobody else can open it, and with a handle that no child inherits.
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: both pointers may be null; it means the defaults and no name.
        let handle = owned(unsafe { CreateJobObjectW(ptr::null(), ptr::null()) })?;
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        // SAFETY: the handle is open, and the pointer and the length are those of the structure that belongs to this
        // class of information.
        let done = unsafe {
            SetInformationJobObject(
                handle.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast::<c_void>(),
                length_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>()?,
            )
        };
        succeeded(done)?;
        Ok(Self { handle })
    }

    /// Puts a process into the job, and with it all that it will start.
    pub(super) fn take_in(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        // SAFETY: both handles are open.
        succeeded(unsafe {
            AssignProcessToJobObject(self.handle.as_raw_handle(), process.as_raw_handle())
        })
    }

    /// Ends all of its processes.
    pub(super) fn end(&self, code: u32) {
        // SAFETY: the handle is open.
        unsafe { TerminateJobObject(self.handle.as_raw_handle(), code) };
    }

    /// Its living processes.
    pub(super) fn members(&self) -> Vec<u32> {
        let Ok(length) = length_of::<List>() else {
            return Vec::new();
        };
        let mut list = Box::new(List {
            assigned: 0,
            listed: 0,
            processes: [0; MEMBERS],
        });
        // SAFETY: the handle is open, and the pointer and the length are those of a list that begins as this class of
        // information does and has room for more. Where it is too short, the call fills it all the same.
        unsafe {
            QueryInformationJobObject(
                self.handle.as_raw_handle(),
                JobObjectBasicProcessIdList,
                (&raw mut *list).cast::<c_void>(),
                length,
                ptr::null_mut(),
            );
        }
        let listed = usize::try_from(list.listed).unwrap_or(MEMBERS);
        list.processes
            .iter()
            .take(listed)
            .filter_map(|&process| u32::try_from(process).ok())
            .collect()
    }
}

/// `JOBOBJECT_BASIC_PROCESS_ID_LIST` with room for more than one.
#[repr(C)]
struct List {
    assigned: u32,
    listed: u32,
    processes: [usize; MEMBERS],
}

const _: () = assert!(
    offset_of!(List, listed)
        == offset_of!(JOBOBJECT_BASIC_PROCESS_ID_LIST, NumberOfProcessIdsInList)
        && offset_of!(List, processes)
            == offset_of!(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList)
);

fn length_of<T>() -> io::Result<u32> {
    u32::try_from(size_of::<T>()).map_err(io::Error::other)
}

fn succeeded(done: i32) -> io::Result<()> {
    if done == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
