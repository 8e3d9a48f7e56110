"""Converts a TensorFlow Lite model of the kinds of layers that hand models have to ONNX.

TensorFlow Lite keeps pictures as (batch, height, width, channel), ONNX as (batch, channel, height, width): tensors of
four dimensions are kept in ONNX's order within the graph, the model's own input and whatever is reshaped in
TensorFlow's. Weights of half precision become single precision, once, here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 9
"""Old enough for any onnxruntime that Parley may run with."""
TO_ONNX, TO_TFLITE = (0, 3, 1, 2), (0, 2, 3, 1)
_DTYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}


def _names(kind: type) -> dict[int, str]:
    return {number: name for name, number in vars(kind).items() if not name.startswith("_")}


_NAMES, _ACTIVATIONS = _names(tflite.BuiltinOperator), _names(tflite.ActivationFunctionType)

Array = NDArray[Any]


class ConversionError(Exception):
    """The model has something in it that isn't converted here; str() says what."""


def convert(data: bytes) -> bytes:
    """The ONNX model of a TensorFlow Lite model: same input, same outputs in the same order. Raises ConversionError."""
    model = tflite.Model.GetRootAsModel(data, 0)
    if model.SubgraphsLength() != 1:
        raise ConversionError("the model has several graphs")
    made = _Graph(model).build()
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


class _Graph:
    """One model while it is converted. Tensors are named after their numbers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._graph = model.Subgraphs(0)
        self._constants: dict[int, Array] = {}
        self._nodes: list[Any] = []
        self._initializers: list[Any] = []
        self._given: set[str] = set()
        for number in range(self._graph.TensorsLength()):
            values = self._read(number)
            if values is not None:
                self._constants[number] = values

    def build(self) -> Any:
        """The whole model."""
        inputs = [self._value(number, "input_") for number in self._graph.InputsAsNumpy()]
        for number in self._graph.InputsAsNumpy():
            self._into(f"input_{number}", int(number))
        for index in range(self._graph.OperatorsLength()):
            self._operator(self._graph.Operators(index))
        outputs = []
        for number in self._graph.OutputsAsNumpy():
            outputs.append(self._value(number, "output_"))
            self._node("Identity", [self._as_tflite(int(number))], f"output_{number}")
        graph = helper.make_graph(self._nodes, "converted", inputs, outputs, self._initializers)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="parley")

    # --- tensors ----------------------------------------------------------------------------------------------------

    def _shape(self, number: int) -> tuple[int, ...]:
        shape = self._graph.Tensors(number).ShapeAsNumpy()
        return () if isinstance(shape, int) else tuple(int(size) for size in shape)

    def _read(self, number: int) -> Array | None:
        tensor = self._graph.Tensors(number)
        raw = self._model.Buffers(tensor.Buffer()).DataAsNumpy()
        if isinstance(raw, int) or not len(raw):
            return None
        if tensor.Type() not in _DTYPES:
            raise ConversionError(f"tensor {number} is of type {tensor.Type()}, which isn't converted")
        values = np.frombuffer(raw.tobytes(), _DTYPES[tensor.Type()]).reshape(self._shape(number))
        return values.astype(np.float32) if values.dtype == np.float16 else values

    def _value(self, number: int, prefix: str) -> Any:
        return helper.make_tensor_value_info(f"{prefix}{number}", TensorProto.FLOAT, self._shape(int(number)))

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _weight(self, name: str, values: Array) -> str:
        if name not in self._given:
            self._given.add(name)
            self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _into(self, name: str, number: int) -> None:
        """What is in TensorFlow's order becomes tensor `number` in the graph's."""
        if len(self._shape(number)) == 4:
            self._node("Transpose", [name], str(number), perm=TO_ONNX)
        else:
            self._node("Identity", [name], str(number))

    def _as_tflite(self, number: int) -> str:
        """Tensor `number` in TensorFlow's order."""
        if len(self._shape(number)) != 4:
            return str(number)
        name = f"{number}_tflite"
        if name not in self._given:
            self._given.add(name)
            self._node("Transpose", [str(number)], name, perm=TO_TFLITE)
        return name

    def _input(self, number: int) -> str:
        """A tensor as an operator's input: computed before, or a constant."""
        values = self._constants.get(number)
        if values is None:
            return str(number)
        return self._weight(str(number), values.transpose(TO_ONNX) if values.ndim == 4 else values)

    # --- operators --------------------------------------------------------------------------------------------------

    def _operator(self, operator: Any) -> None:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        name = _NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        convert_one: Callable[[Any, list[int], int], None] | None = getattr(self, f"_{name.lower()}", None)
        if convert_one is None:
            raise ConversionError(f"operator {name} isn't converted")
        inputs = [int(number) for number in operator.InputsAsNumpy()]
        convert_one(operator, inputs, int(operator.OutputsAsNumpy()[0]))

    def _options(self, operator: Any, kind: Any) -> Any:
        options = kind()
        table = operator.BuiltinOptions()
        options.Init(table.Bytes, table.Pos)
        return options

    def _activated(self, kind: str, inputs: list[str], output: int, function: int, **attributes: Any) -> None:
        name = _ACTIVATIONS[function]
        if name == "NONE":
            self._node(kind, inputs, str(output), **attributes)
            return
        before = self._node(kind, inputs, f"{output}_before", **attributes)
        if name == "RELU":
            self._node("Relu", [before], str(output))
        elif name == "RELU6":
            low, high = self._weight("zero", np.float32(0)), self._weight("six", np.float32(6))
            self._node("Clip", [before, low, high], str(output))
        else:
            raise ConversionError(f"activation {name} isn't converted")

    def _windows(self, options: Any, kernel: tuple[int, int]) -> dict[str, Any]:
        same = options.Padding() == tflite.Padding.SAME
        return {
            "kernel_shape": kernel,
            "strides": (options.StrideH(), options.StrideW()),
            "auto_pad": "SAME_UPPER" if same else "VALID",
        }

    def _dequantize(self, operator: Any, inputs: list[int], output: int) -> None:
        if inputs[0] not in self._constants:
            raise ConversionError("quantised activations aren't converted")
        self._constants[output] = self._constants[inputs[0]]

    def _conv_2d(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.Conv2DOptions)
        weights = self._constants[inputs[1]].transpose(0, 3, 1, 2)
        self._convolve(options, inputs, output, weights, 1)

    def _depthwise_conv_2d(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.DepthwiseConv2DOptions)
        weights = self._constants[inputs[1]].transpose(3, 0, 1, 2)
        self._convolve(options, inputs, output, weights, self._shape(inputs[0])[3])

    def _convolve(self, options: Any, inputs: list[int], output: int, weights: Array, groups: int) -> None:
        if (options.DilationHFactor(), options.DilationWFactor()) != (1, 1):
            raise ConversionError("dilated convolutions aren't converted")
        names = [str(inputs[0]), self._weight(f"{output}_weights", weights), self._input(inputs[2])]
        windows = self._windows(options, (weights.shape[2], weights.shape[3]))
        self._activated("Conv", names, output, options.FusedActivationFunction(), group=groups, **windows)

    def _max_pool_2d(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.Pool2DOptions)
        windows = self._windows(options, (options.FilterHeight(), options.FilterWidth()))
        self._activated("MaxPool", [str(inputs[0])], output, options.FusedActivationFunction(), **windows)

    def _add(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.AddOptions)
        names = [self._input(number) for number in inputs]
        self._activated("Add", names, output, options.FusedActivationFunction())

    def _prelu(self, operator: Any, inputs: list[int], output: int) -> None:
        slopes = self._constants[inputs[1]].reshape(-1, 1, 1)
        self._node("PRelu", [str(inputs[0]), self._weight(f"{output}_slopes", slopes)], str(output))

    def _pad(self, operator: Any, inputs: list[int], output: int) -> None:
        pads = self._constants[inputs[1]].astype(np.int64)
        if len(pads) == 4:
            pads = pads[list(TO_ONNX)]
        name = self._weight(f"{output}_pads", pads.T.reshape(-1))
        self._node("Pad", [str(inputs[0]), name], str(output), mode="constant")

    def _resize_bilinear(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.ResizeBilinearOptions)
        mode = "asymmetric"
        if options.AlignCorners():
            mode = "align_corners"
        elif options.HalfPixelCenters():
            mode = "half_pixel"
        height, width = self._constants[inputs[1]]
        sizes = np.array([1, self._shape(output)[3], height, width], np.int64)
        names = [str(inputs[0]), "", "", self._weight(f"{output}_sizes", sizes)]
        self._node("Resize", names, str(output), mode="linear", coordinate_transformation_mode=mode)

    def _reshape(self, operator: Any, inputs: list[int], output: int) -> None:
        shape = self._weight(f"{output}_shape", np.array(self._shape(output), np.int64))
        made = self._node("Reshape", [self._as_tflite(inputs[0]), shape], f"{output}_reshaped")
        self._into(made, output)

    def _concatenation(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.ConcatenationOptions)
        axis = options.Axis()
        if len(self._shape(output)) == 4:
            axis = TO_ONNX.index(axis % 4)
        names = [self._input(number) for number in inputs]
        self._activated("Concat", names, output, options.FusedActivationFunction(), axis=axis)

    def _mean(self, operator: Any, inputs: list[int], output: int) -> None:
        axes = [int(axis) for axis in self._constants[inputs[1]].reshape(-1)]
        if len(self._shape(inputs[0])) != 4 or axes != [1, 2]:
            raise ConversionError("means over anything but height and width aren't converted")
        keep = int(len(self._shape(output)) == 4)
        self._node("ReduceMean", [str(inputs[0])], str(output), axes=[2, 3], keepdims=keep)

    def _fully_connected(self, operator: Any, inputs: list[int], output: int) -> None:
        options = self._options(operator, tflite.FullyConnectedOptions)
        names = [self._as_tflite(inputs[0]), *(self._input(number) for number in inputs[1:] if number >= 0)]
        self._activated("Gemm", names, output, options.FusedActivationFunction(), transB=1)

    def _logistic(self, operator: Any, inputs: list[int], output: int) -> None:
        self._node("Sigmoid", [str(inputs[0])], str(output))
