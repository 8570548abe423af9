#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the .npy files of this folder with NumPy 2 and ml_dtypes. usage: make.py FOLDER

NAME.npy                what numpy.save writes of a C-ordered little-endian array: what canon's writer must write
NAME-fortran.npy, -big, -v2, -v3, -hand, ...   the same array, written another way: must become the bytes of NAME.npy
refused-WHY.npy         what must be refused"""
import io, os, sys, warnings
import ml_dtypes
import numpy as np

folder = sys.argv[1]
warnings.simplefilter('ignore')
random = np.random.default_rng(20261)
NAMES = dict(bool='?', u8='u1', u16='u2', u32='u4', u64='u8', i8='i1', i16='i2', i32='i4', i64='i8',
             f16='f2', f32='f4', f64='f8', c64='c8', c128='c16')
ML = dict(bf16='bfloat16', f8_e4m3fn='float8_e4m3fn', f8_e5m2='float8_e5m2', f8_e4m3fnuz='float8_e4m3fnuz',
          f8_e5m2fnuz='float8_e5m2fnuz', f8_e8m0fnu='float8_e8m0fnu')


def noise(dtype, shape):
    dtype = np.dtype(dtype)
    bytes = random.integers(0, 2 if dtype == bool else 256, int(np.prod(shape)) * dtype.itemsize, np.uint8)
    return bytes.view(dtype).reshape(shape)


def saved(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version)
    return out.getvalue()


def put(name, bytes):
    with open(os.path.join(folder, name + '.npy'), 'wb') as file:
        file.write(bytes)


def by_hand(text, array, version=1):
    text = text.encode('latin1')
    length = len(text).to_bytes(2 if version == 1 else 4, 'little')
    return b'\x93NUMPY' + bytes([version, 0]) + length + text + array.tobytes()


for name, dtype in NAMES.items():
    array = noise(dtype, (2, 3, 4))
    put(name, saved(array))
    put(name + '-fortran', saved(np.asfortranarray(array)))
    if array.itemsize > 1:
        put(name + '-big', saved(array.astype(array.dtype.newbyteorder('>'))))
        put(name + '-fortran-big', saved(np.asfortranarray(array).astype(array.dtype.newbyteorder('>'), order='K')))
for name, dtype in ML.items():
    put('ml-' + name, saved(noise(getattr(ml_dtypes, dtype), (2, 3))))

for name, shape in {
        'scalar': (), 'one': (1,), 'none': (0,), 'none3': (3, 0, 2), 'rank5': (3, 1, 2, 5, 4), 'long': (4099,),
        'rank32': (1,) * 31 + (2,), 'rank64': (1,) * 63 + (2,),
        'digits': (1, 1, 1, 1, 1, 1, 1, 1, 100), 'digits2': (1000, 1, 1, 1, 1, 1, 1)}.items():
    array = noise('<i2', shape)
    put('shape-' + name, saved(array))
    put('shape-' + name + '-v2', saved(array, (2, 0)))
    put('shape-' + name + '-v3', saved(array, (3, 0)))
    if array.ndim > 1:
        put('shape-' + name + '-fortran', by_hand(repr(dict(descr='<i2', fortran_order=True, shape=shape)), array.T))

array = noise('<f4', (2, 3))
put('hand', saved(array))
for name, text in {
        'quotes': '{"descr": "<f4", "fortran_order": False, "shape": (2, 3)}',
        'order': "{'shape': (2, 3), 'descr': '<f4', 'fortran_order': False}\n",
        'dense': "{'descr':'<f4','fortran_order':False,'shape':(2,3),}",
        'space': "  { 'descr' :\t'<f4' ,\n 'fortran_order'\r\n:False , 'shape' : ( 2 , 3 , ) , }  \n\n",
        'python2': "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }   \n",
        'native': "{'descr': '=f4', 'fortran_order': False, 'shape': (2, 3), }\n",
        'plain': "{'descr': 'f4', 'fortran_order': False, 'shape': (0x2, +3), }\n"}.items():
    put('hand-' + name, by_hand(text, array))
put('hand-padding', saved(array) + bytes(50))

with open(os.path.join(folder, 'headers.bin'), 'wb') as file:
    # 10^(d-1), 1, ..., 1: NumPy keeps room for the first to grow
    for digits in range(1, 20):
        for rank in range(1, 9):
            np.lib.format.write_array_header_1_0(
                file, dict(descr='|i1', fortran_order=False, shape=(10 ** (digits - 1),) + (1,) * (rank - 1)))

put('refused-object', saved(np.array([1, None, 'x'], object)))
put('refused-strings', saved(np.array(['ab', 'c'])))
put('refused-bytes', saved(np.array([b'ab', b'c'])))
put('refused-datetime', saved(np.array(['2020-01-01'], 'M8[s]')))
put('refused-timedelta', saved(np.array([5], 'm8[ms]')))
put('refused-void', saved(np.zeros(2, 'V3')))
put('refused-longdouble', saved(np.zeros(2, np.longdouble)))
put('refused-clongdouble', saved(np.zeros(2, np.clongdouble)))
put('refused-structured', saved(np.zeros(2, [('a', '<f4'), ('', 'V3'), ('b', '<i2', (2,))])))
put('refused-structured-unicode', saved(np.zeros(2, [('größe', '<f4'), ('温', '<i4')])))
put('refused-structured-object', saved(np.zeros(2, [('O', '<f4'), ('b', object)])))
put('refused-twice', saved(array) + saved(array))
