//! Memory into which fields are read back, kept for the next field.
//!
//! Fresh memory has to be given to the program page by page: of the 50 to 60 ms in which 10⁷ values came back from an
//! NVIDIA H200, copying on the device and mapping took 0.9, nearly all the rest went into fresh pages. Memory of an
//! earlier field that nobody uses any more is written again, in parallel.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

/// Memory that fields were read into. Clones share it.
#[derive(Clone, Default)]
pub(super) struct KeptMemory(Arc<Mutex<Vec<Arc<[f32]>>>>);

impl KeptMemory {
    /// How many fields' memory is kept: that on screen is in use while the next one is read.
    const MOST: usize = 2;
    /// Values from which on it is worth it: less comes from memory that the allocator has at hand.
    const MANY: usize = 1 << 18;
    /// Values that a thread copies at once.
    const BLOCK: usize = 1 << 16;

    /// A copy of `values`, in memory that is kept if there is some of that size.
    pub(super) fn copy_of(&self, values: &[f32]) -> Arc<[f32]> {
        if values.len() < Self::MANY {
            return values.into();
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // That of points that are gone goes, too.
        kept.retain(|memory| memory.len() == values.len());
        let free = kept.iter_mut().position(|memory| Arc::get_mut(memory).is_some());
        let copy = match free.map(|at| kept.remove(at)) {
            Some(mut memory) => {
                if let Some(room) = Arc::get_mut(&mut memory) {
                    let from = values.par_chunks(Self::BLOCK);
                    let blocks = room.par_chunks_mut(Self::BLOCK).zip(from);
                    blocks.for_each(|(to, from)| to.copy_from_slice(from));
                }
                memory
            }
            None => values.into(),
        };
        if kept.len() >= Self::MOST {
            kept.remove(0);
        }
        kept.push(Arc::clone(&copy));
        copy
    }

    /// Gives back what nobody uses.
    pub(super) fn release(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|memory| Arc::strong_count(memory) > 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: usize, first: f32) -> Vec<f32> {
        (0..n).map(|i| first + i as f32).collect()
    }

    #[test]
    fn memory_is_used_again_once_nobody_reads_it() {
        let memory = KeptMemory::default();
        let n = KeptMemory::MANY + 3;
        let [a, b] = [1.0, 2.0].map(|first| memory.copy_of(&values(n, first)));
        assert!(a[..] == values(n, 1.0) && b[..] == values(n, 2.0));
        let place = a.as_ptr();
        drop(a);
        let c = memory.copy_of(&values(n, 3.0));
        assert!(c.as_ptr() == place && c[..] == values(n, 3.0) && b[..] == values(n, 2.0));
        // One of another size does not fit, and one more is not kept.
        let d = memory.copy_of(&values(n + 1, 4.0));
        assert!(d[..] == values(n + 1, 4.0) && memory.0.lock().expect("a lock").len() == 1);
        drop(d);
        memory.release();
        assert!(memory.0.lock().expect("a lock").is_empty());
        assert_eq!(memory.copy_of(&[5.0])[..], [5.0]);
        assert!(memory.0.lock().expect("a lock").is_empty());
    }
}
