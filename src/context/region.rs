//! Which region is meant on AWS. Pure; `doctor` and every other command ask here.

/// The region where none is chosen: the lab's own.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The region to act in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Who chose it.
    pub source: RegionSource,
}

/// Who chose a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionSource {
    /// `--region`.
    Flag,
    /// The lab was built there.
    Lab {
        /// The region that is configured, where it is another: it is not used.
        unused: Option<String>,
    },
    /// The environment or the profile.
    Configuration,
    /// Nobody.
    Default,
}

impl Region {
    /// The region asked for, else the one where the lab was built, else the one configured.
    pub fn choose(asked: Option<&str>, built: Option<&str>, configured: Option<&str>) -> Self {
        let (name, source) = match (asked, built, configured) {
            (Some(asked), _, _) => (asked, RegionSource::Flag),
            (None, Some(built), configured) => {
                let unused = configured.filter(|configured| *configured != built);
                let unused = unused.map(str::to_owned);
                (built, RegionSource::Lab { unused })
            }
            (None, None, Some(configured)) => (configured, RegionSource::Configuration),
            (None, None, None) => (DEFAULT_REGION, RegionSource::Default),
        };
        Self {
            name: name.to_owned(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_lab_was_built_outweighs_what_is_configured() {
        let [asked, built, configured] = ["eu-west-1", "eu-west-2", "eu-west-3"].map(Some);
        let unused = |name: Option<&str>| RegionSource::Lab {
            unused: name.map(str::to_owned),
        };
        for (three, name, source) in [
            ([asked, built, configured], "eu-west-1", RegionSource::Flag),
            ([None, built, configured], "eu-west-2", unused(configured)),
            ([None, built, built], "eu-west-2", unused(None)),
            (
                [None, None, configured],
                "eu-west-3",
                RegionSource::Configuration,
            ),
            ([None; 3], DEFAULT_REGION, RegionSource::Default),
        ] {
            let [asked, built, configured] = three;
            let region = Region::choose(asked, built, configured);
            assert_eq!((&*region.name, region.source), (name, source), "{three:?}");
        }
    }
}
