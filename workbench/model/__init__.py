"""What a design says: pure data, read from one YAML file. Needs no network, no server, no boto3, no pandas."""

from workbench.model.entities import Attribute, Entity, Source
from workbench.model.keys import Field, KeyTemplate
from workbench.model.loading import load_model, model_file, model_names
from workbench.model.model import Database, Model, Rows
from workbench.model.patterns import (
    READS,
    WRITES,
    Action,
    Budget,
    Example,
    Expectation,
    KeyCondition,
    Lookup,
    Operation,
    Parameter,
    Pattern,
    Rate,
    SortCondition,
    Unless,
)
from workbench.model.tables import Billing, Index, KeyAttribute, KeySchema, Table
from workbench.model.types import DYNAMODB_TYPE, TYPES, ValueType, format_timestamp, parse

__all__ = [
    "DYNAMODB_TYPE", "READS", "TYPES", "WRITES", "Action", "Attribute", "Billing", "Budget", "Database", "Entity",
    "Example", "Expectation", "Field", "Index", "KeyAttribute", "KeyCondition", "KeySchema", "KeyTemplate", "Lookup",
    "Model", "Operation", "Parameter", "Pattern", "Rate", "Rows", "SortCondition", "Source", "Table", "Unless",
    "ValueType", "format_timestamp", "load_model", "model_file", "model_names", "parse",
]  # fmt: skip
