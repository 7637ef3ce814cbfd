# Sourced by test, never run by itself: the outside judges of ONNX files, onnx's checker and ONNX
# Runtime, in an environment of the tests' own, build-onnx. Expects install_wheels.

onnx_judges='onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 protobuf==7.36.2 ml_dtypes==0.6.0
  flatbuffers==25.12.19 packaging==26.4 typing_extensions==4.16.0'

install_onnx_judges () {
  install_wheels build-onnx "$onnx_judges"
}
