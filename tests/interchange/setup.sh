# Sourced by test, never run by itself: packages that read the files that Layerwise writes for other
# programs, in an environment of the tests' own, build-interchange. PyTorch is not among them: it is
# taken from where it is (README.md). Expects install_wheels.

interchange_packages='numpy==2.4.6 safetensors==0.8.0 tensorboard==2.21.0 absl-py==2.5.1
  grpcio==1.85.3 Markdown==3.11.3 MarkupSafe==3.0.4 packaging==26.4 pillow==13.0.0 protobuf==7.36.2
  tensorboard-data-server==0.7.2 typing_extensions==4.16.0 Werkzeug==3.1.9'

install_interchange_packages () {
  install_wheels build-interchange "$interchange_packages"
}
