//! What does a caption say once its markup is gone?
