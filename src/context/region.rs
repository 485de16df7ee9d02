//! The choice of the AWS region. Pure.

/// The region where none is chosen.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// The region to act in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Where the choice comes from.
    pub source: RegionSource,
}

/// Where the choice of a region comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionSource {
    /// `--region`.
    Flag,
    /// The lab was built there.
    Lab {
        /// The configured region where it is another one, which is not used.
        unused: Option<String>,
    },
    /// The environment or the profile.
    Configuration,
    /// None is chosen: [`DEFAULT_REGION`].
    Default,
}

impl Region {
    /// The region of the flag, else the one where the lab was built, else the configured one.
    pub fn choose(flag: Option<&str>, built: Option<&str>, configured: Option<&str>) -> Self {
        let (name, source) = match (flag, built, configured) {
            (Some(flag), _, _) => (flag, RegionSource::Flag),
            (None, Some(built), configured) => {
                let unused = configured
                    .filter(|configured| *configured != built)
                    .map(str::to_owned);
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
    fn the_labs_region_outranks_the_configured_one() {
        let [flag, built, configured] = ["eu-west-1", "eu-west-2", "eu-west-3"].map(Some);
        let unused = |name: Option<&str>| RegionSource::Lab {
            unused: name.map(str::to_owned),
        };
        for (three, name, source) in [
            ([flag, built, configured], "eu-west-1", RegionSource::Flag),
            ([None, built, configured], "eu-west-2", unused(configured)),
            ([None, built, built], "eu-west-2", unused(None)),
            (
                [None, None, configured],
                "eu-west-3",
                RegionSource::Configuration,
            ),
            ([None; 3], DEFAULT_REGION, RegionSource::Default),
        ] {
            let [flag, built, configured] = three;
            let region = Region::choose(flag, built, configured);
            assert_eq!((&*region.name, region.source), (name, source), "{three:?}");
        }
    }
}
