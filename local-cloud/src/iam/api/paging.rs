//! Pages of lists.

use crate::error::AwsError;
use crate::protocol::page_token;
use crate::protocol::query::{Params, Xml, constraint};

/// How many items a page has where the request does not say.
const DEFAULT_ITEMS: u32 = 100;

/// The page of a list that a request asks for.
#[derive(Debug)]
pub(super) struct Paging {
    /// The key of the last item before the page; `None` for the first page.
    after: Option<String>,
    max_items: u32,
}

/// A page of a list.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The marker of the next page; `None` for the last one.
    marker: Option<String>,
}

impl Paging {
    /// The page that `Marker` and `MaxItems` ask for.
    ///
    /// # Errors
    /// `ValidationError` and `MalformedInput`.
    pub(super) fn read(params: &Params) -> Result<Self, AwsError> {
        let max_items = params.number("MaxItems", 1, 1000)?;
        let after = params.text("Marker").map(|marker| {
            let key = page_token::read(marker);
            key.ok_or_else(|| constraint("Marker", Some(marker), "Invalid Marker"))
        });
        Ok(Self {
            after: after.transpose()?,
            max_items: max_items.unwrap_or(DEFAULT_ITEMS),
        })
    }

    /// The page of a list that is ordered by `key`. Its marker is the key of its last item, so items
    /// that come and go do not shift the pages.
    pub(super) fn page<T>(
        &self,
        items: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> Page<T> {
        let max = usize::try_from(self.max_items).unwrap_or(usize::MAX);
        let is_later = |item: &T| self.after.as_ref().is_none_or(|after| key(item) > *after);
        let mut items: Vec<T> = items.filter(is_later).take(max + 1).collect();
        let is_truncated = items.len() > max;
        items.truncate(max);
        let last = items.last().filter(|_| is_truncated);
        let marker = last.map(|item| page_token::write(&key(item)));
        Page { items, marker }
    }
}

impl<T> Page<T> {
    /// Writes whether and where the list continues.
    pub(super) fn write_end(self, xml: &mut Xml) {
        xml.text("IsTruncated", self.marker.is_some())
            .optional("Marker", self.marker);
    }
}
